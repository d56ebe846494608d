// What a look at a screen finds wrong, beside what axe finds: words cut short, things pushed off the edge, texts nobody
// translated. One line each.
import { foreign } from './words.mjs';

/** Actions and labels whose words do not fit, and what is wider than the place it stands in. */
export function cut(page) {
	return page.evaluate(() => {
		const actions =
			'button, a[href], label, summary, select, input, h1, h2, [role=tab], [role=menuitem], [role=option], [role=switch]';
		const brief = (element) => {
			const words = (element.getAttribute('aria-label') ?? element.placeholder ?? element.textContent).trim();
			return `<${element.tagName.toLowerCase()}> ${words.replace(/\s+/g, ' ').slice(0, 60)}`;
		};
		const style = (element) => getComputedStyle(element);
		const seen = (element) =>
			element.checkVisibility({ visibilityProperty: true }) && style(element).clipPath === 'none';
		// Names of records are data: where they stand in rows they may end in dots.
		const data = '[data-index], [data-card], [data-name], a[href^="/clients/"], a[href^="/record/"]';
		const isData = (element) => element.closest(data) !== null;
		const ruler = document.createElement('canvas').getContext('2d');
		const width = (text, { font, letterSpacing }) => {
			ruler.font = font;
			return ruler.measureText(text).width + (parseFloat(letterSpacing) || 0) * text.length;
		};
		const room = (element) => {
			const { paddingLeft, paddingRight } = style(element);
			return element.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
		};
		const found = [];
		for (const action of document.querySelectorAll(actions)) {
			if (!seen(action) || isData(action)) continue;
			if (action.matches('input')) {
				const empty = action.value === '' && action.placeholder;
				if (empty && width(action.placeholder, style(action)) > room(action) + 1)
					found.push(`hint cut: ${brief(action)}`);
				continue;
			}
			if (action.matches('select')) {
				const chosen = action.selectedOptions[0]?.textContent.trim() ?? '';
				if (width(chosen, style(action)) > room(action) + 1) found.push(`choice cut: ${chosen}`);
				continue;
			}
			for (const part of [action, ...action.querySelectorAll('*')]) {
				if (!['hidden', 'clip'].includes(style(part).overflowX) || style(part).clipPath !== 'none') continue;
				if (part instanceof SVGElement || isData(part) || part.textContent.trim() === '') continue;
				if (part.scrollWidth > part.clientWidth + 1) {
					found.push(`words cut: ${brief(action)}`);
					break;
				}
			}
			const { left, right } = action.getBoundingClientRect();
			for (let up = action.parentElement; up; up = up.parentElement) {
				if (style(up).overflowX === 'visible') continue;
				if (['auto', 'scroll'].includes(style(up).overflowX)) break;
				const edge = up.getBoundingClientRect();
				if (right > edge.right + 1 || left < edge.left - 1) found.push(`cut by what it stands in: ${brief(action)}`);
				break;
			}
		}
		// Scrolling up and down makes sideways possible as well: only what asks for it by its class is meant.
		for (const element of document.querySelectorAll('body *')) {
			const sideways =
				['auto', 'scroll'].includes(style(element).overflowX) && element.scrollWidth > element.clientWidth + 1;
			if (!sideways || !seen(element) || element.matches('textarea, [data-scroll]')) continue;
			if (/overflow(-x)?-auto/.test(element.className) && !/overflow-y-auto/.test(element.className)) continue;
			found.push(`pushed sideways: ${brief(element)} (${element.scrollWidth} > ${element.clientWidth})`);
		}
		return [...new Set(found)];
	});
}

/** Texts that are keys, holes, or English where another language is in use. */
export function untold(page) {
	return page.evaluate((english) => {
		const strangers = new Set(english);
		const wrong = (text) =>
			strangers.has(text) ||
			/^[a-z0-9]+(_[a-z0-9]+)+$/.test(text) ||
			/\{\w+\}|\[object \w+\]/.test(text) ||
			/^(undefined|null|NaN|Invalid Date)$/.test(text);
		const found = new Set();
		const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
		for (let node = walker.nextNode(); node; node = walker.nextNode()) {
			const text = node.textContent.trim();
			if (wrong(text) && node.parentElement.checkVisibility() && !node.parentElement.closest('script, style'))
				found.add(text);
		}
		for (const name of ['aria-label', 'placeholder', 'title', 'alt']) {
			for (const element of document.querySelectorAll(`[${name}]`)) {
				const text = element.getAttribute(name).trim();
				if (wrong(text) && element.checkVisibility()) found.add(`${name}: ${text}`);
			}
		}
		return [...found].map((text) => `not translated: ${text}`);
	}, foreign());
}

/** Shows the look what is wrong on purpose: one that finds nothing would call every screen well. */
export async function looksThemselves({ browser, test }) {
	const page = await browser.newPage({ viewport: { width: 360, height: 600 } });
	const wrong = {
		'words cut': '<button style="width:60px;overflow:hidden;white-space:nowrap">Изменить столбцы</button>',
		'hint cut': '<input style="width:60px" placeholder="Отобрать по тексту">',
		'choice cut': '<select style="width:60px"><option>Контрагент: ИНН (ИПН, УНП)</option></select>',
		'cut by what it stands in':
			'<div style="width:90px;overflow:hidden"><a href="/" style="position:relative;left:60px">Ещё четыре</a></div>',
		'pushed sideways': '<div style="width:90px;overflow-y:auto"><p style="width:200px">Шире</p></div>',
		'not translated: settings_role': '<p>settings_role</p>',
		'not translated: Save': '<button>Save</button>',
		'not translated: aria-label: {count} days': '<p aria-label="{count} days">…</p>',
		'not translated: undefined': '<p>undefined</p>'
	};
	for (const [finding, html] of Object.entries(wrong)) {
		await test(`a look at a screen finds: ${finding}`, async () => {
			await page.setContent(html);
			const found = [...(await cut(page)), ...(await untold(page))];
			if (!found.some((line) => line.startsWith(finding))) throw new Error(`found ${JSON.stringify(found)}`);
		});
	}
	await test('a look at a screen lets names in rows and what is meant to be pushed alone', async () => {
		const row =
			'<li><a href="/clients/1" style="display:block;width:60px;overflow:hidden">ТОВ «Південний термінал-50»</a></li>';
		const strip =
			'<div class="overflow-x-auto" style="width:90px;overflow-x:auto"><p style="width:200px">Шире</p></div>';
		await page.setContent(`${row}${strip}<p>Сохранить</p><p>English</p>`);
		const found = [...(await cut(page)), ...(await untold(page))];
		if (found.length > 0) throw new Error(found.join('\n'));
	});
	await page.close();
}
