// Images of the screens on real programs with the demo's data, and what is wrong with each. scripts/screens calls it.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { lookAs, openBrowser, openPage, show, tooWide, violations } from './browser.mjs';
import { fileStates, openedFiles } from './files.mjs';
import { inGuide, missingShots, takeForGuide } from './guide-shots.mjs';
import { formStates } from './forms.mjs';
import { helpStates } from './help.mjs';
import { homeStates } from './home.mjs';
import { listStates } from './lists.mjs';
import { ownStates } from './own.mjs';
import { cut, untold } from './looks.mjs';
import { mergeStates } from './merge.mjs';
import { moods } from './moods.mjs';
import { searchStates } from './search.mjs';
import { writeSheet } from './sheet.mjs';
import { connected, offline } from './states.mjs';
import { openStory } from './story.mjs';
import { twinStates } from './twins.mjs';
import { languages, speak } from './words.mjs';

const usual = resolve(import.meta.dirname, '../../../target/screens');
const { values } = parseArgs({
	options: {
		only: { type: 'string', multiple: true },
		lang: { type: 'string', multiple: true },
		theme: { type: 'string', multiple: true },
		width: { type: 'string', multiple: true },
		zoom: { type: 'string', default: '100' },
		guide: { type: 'boolean', default: false },
		out: { type: 'string', default: usual }
	}
});
const out = resolve(values.out);
const chosen = {
	langs: values.lang ?? languages,
	themes: values.theme ?? ['light', 'dark'],
	widths: (values.width ?? ['360', '768', '1440']).map(Number)
};
const wanted = (state) =>
	(!values.guide || inGuide(state)) && (!values.only || values.only.some((part) => state.name.includes(part)));
const begun = Date.now();
const shots = [];

// Only the folder of our own is emptied: another may hold anything.
if (out === usual) await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
if ((await readdir(out)).length > 0) {
	console.error(`${out} is not empty: choose an empty folder`);
	process.exit(2);
}
const story = await openStory();
const browser = await openBrowser();
try {
	const devices = {
		fresh: story.fresh,
		phone: story.phone,
		laptop: story.laptop,
		desk: story.desk,
		admin: story.admin
	};
	const places = { ...story, rep: story.office.people.rep };
	const files = await openedFiles(story);
	const states = [
		...connected(places),
		...homeStates(),
		...helpStates(),
		...listStates(),
		...formStates(places),
		...ownStates(),
		...(await mergeStates(places)),
		...(await twinStates(places)),
		...fileStates(files),
		...(await searchStates(places)),
		...moods(places)
	].filter(wanted);
	const cutOff = offline(places).filter(wanted);
	const missing = values.guide ? missingShots([...states, ...cutOff]) : [];
	if (missing.length > 0) throw new Error(`nothing to show for ${missing.join(', ')}`);
	for (const lang of chosen.langs) await all(devices, states, lang);

	if (cutOff.length > 0) {
		await story.office.leave();
		await story.phone.command('edit', {
			kind: 'client',
			id: story.card.id,
			seen: { website: story.card.fields.website ?? null },
			changed: { website: 'https://example.org' }
		});
		for (const device of [story.phone, story.desk]) {
			await device.until('the server is missed', async () => (await device.command('status')).sync.state === 'offline');
		}
		for (const lang of chosen.langs) await all(devices, cutOff, lang);
	}
} finally {
	await browser.close();
	await story.office.close();
}

if (values.guide) process.exit(0);
const order = ({ name, lang, width, theme }) => [name, lang, String(width).padStart(5), theme].join(' ');
shots.sort((a, b) => (order(a) < order(b) ? -1 : 1));
await writeSheet(out, shots);
for (const { name, lang, width, theme, found } of shots) {
	for (const line of found) console.log(`${name} (${lang} ${width} ${theme}): ${line}`);
}
const bad = shots.filter(({ found }) => found.length > 0).length;
console.log(`${shots.length} images in ${Math.round((Date.now() - begun) / 1000)} s, ${bad} with something wrong`);
console.log(join(out, 'index.html'));
process.exitCode = bad > 0 || shots.length === 0 ? 1 : 0;

/** Every state in one language; pages of one width take turns, widths go side by side. */
async function all(devices, states, lang) {
	speak(lang);
	const known = Object.entries(devices).filter(([name]) => name !== 'fresh');
	await Promise.all(known.map(([, device]) => device.command('change_settings', { language: lang })));
	if (values.guide) {
		await takeForGuide(browser, devices, states, lang);
		return;
	}
	await Promise.all(chosen.widths.map((width) => oneWidth(devices, states, lang, width)));
}

async function oneWidth(devices, states, lang, width) {
	const pages = {};
	for (const state of states) {
		if (width < (state.from ?? 0)) continue;
		pages[state.device] ??= await openPage(browser, devices[state.device], width);
		const page = pages[state.device];
		let faults = [];
		try {
			await show(page, devices[state.device], state);
		} catch (cause) {
			faults = [`not brought about: ${String(cause?.message ?? cause).split('\n')[0]}`];
		}
		if (values.zoom !== '100') await page.addStyleTag({ content: `html { font-size: ${values.zoom}%; }` });
		for (const theme of chosen.themes) {
			await lookAs(page, theme);
			const file = `${state.name.replace(/[^\w]+/g, '-')}-${lang}-${width}-${theme}.png`;
			await page.screenshot({ path: join(out, file), animations: 'disabled', caret: 'hide' });
			const found = [...faults, ...page.faults.splice(0), ...(await violations(page))];
			// What does not depend on colours is looked for once.
			if (theme === chosen.themes[0])
				found.push(...(await tooWide(page)), ...(await cut(page)), ...(await untold(page)));
			shots.push({ name: state.name, lang, width, theme, file, found });
		}
	}
	await Promise.all(Object.values(pages).map((page) => page.context().close()));
}
