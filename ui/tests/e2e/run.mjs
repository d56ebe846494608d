// The screens in a browser on real programs. Prints each fact checked and, last, how many held. With SATCHEL_SHOTS=DIR
// each state is also kept there as an image, to be looked at. Words given are parts of names: only tests with one run.
import { lookAs, openBrowser, openPage, show, tooWide, violations } from './browser.mjs';
import { fileStates, openedFiles } from './files.mjs';
import { formJourneys, formStates } from './forms.mjs';
import { journeys } from './journeys.mjs';
import { helpJourneys, helpStates } from './help.mjs';
import { homeJourneys, homeStates } from './home.mjs';
import { listJourneys, listStates } from './lists.mjs';
import { looksThemselves } from './looks.mjs';
import { mergeJourneys, mergeStates } from './merge.mjs';
import { moods } from './moods.mjs';
import { ownJourneys, ownStates } from './own.mjs';
import { searchJourneys, searchStates } from './search.mjs';
import { connected, offline } from './states.mjs';
import { openStory } from './story.mjs';
import { twinJourneys, twinStates } from './twins.mjs';

const wanted = process.argv.slice(2);
const shots = process.env.SATCHEL_SHOTS;
const widths = [360, 768, 1440];
const themes = ['light', 'dark'];
const begun = Date.now();
let passed = 0;
let failed = 0;

/** Runs one test; a failing one tells why and the next goes on. */
async function test(name, run) {
	if (wanted.length > 0 && !wanted.some((part) => name.includes(part))) return;
	try {
		await run();
		passed += 1;
		console.log(`ok   ${name}`);
	} catch (cause) {
		failed += 1;
		console.log(
			`FAIL ${name}\n     ${String(cause?.message ?? cause)
				.split('\n')
				.slice(0, 12)
				.join('\n     ')}`
		);
	}
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
	const files = fileStates(await openedFiles(story));
	await accessible(devices, [
		...connected(places),
		...homeStates(),
		...helpStates(),
		...listStates(),
		...formStates(places),
		...ownStates(),
		...(await mergeStates(places)),
		...(await twinStates(places)),
		...files,
		...(await searchStates(places)),
		...moods(places)
	]);
	await looksThemselves({ browser, test });
	await listJourneys({ browser, story, test });
	await formJourneys({ browser, story, test });
	await helpJourneys({ browser, story, test });
	await homeJourneys({ browser, story, test });
	await mergeJourneys({ browser, story, test });
	await twinJourneys({ browser, story, test });
	await ownJourneys({ browser, story, test });
	await searchJourneys({ browser, story, test });
	await journeys({ browser, story, test });
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
	await accessible(devices, offline(places));
} catch (cause) {
	failed += 1;
	console.log(`FAIL ${cause?.stack ?? cause}`);
} finally {
	await browser.close();
	await story.office.close();
}
console.log(`${Math.round((Date.now() - begun) / 1000)} s`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** Every state at every width in both themes, nothing for axe to find; and at every width nothing beyond the screen. */
async function accessible(devices, states) {
	await Promise.all(widths.map((width) => sweep(devices, states, width)));
	await narrow(devices, states);
}

async function sweep(devices, states, width) {
	const pages = new Map();
	for (const state of states) {
		if (width < (state.from ?? 0)) continue;
		let stands = null;
		for (const theme of themes) {
			// Without its page there is only the one before to look at.
			if (stands === false) continue;
			await test(`${state.name}: axe finds nothing at ${width} px, ${theme}`, async () => {
				const page = await pageOf(pages, devices, state.device, width);
				if (stands === null) {
					stands = false;
					await show(page, devices[state.device], state);
					stands = true;
				}
				await lookAs(page, theme);
				if (shots) await page.screenshot({ path: `${shots}/${state.name.replaceAll(' ', '-')}-${width}-${theme}.png` });
				const found = [...(await violations(page)), ...(theme === themes[0] ? await tooWide(page) : [])];
				if (found.length > 0) throw new Error(found.join('\n'));
				if (page.faults.length > 0) throw new Error(page.faults.splice(0).join('\n'));
			});
		}
	}
	await close(pages);
}

async function narrow(devices, states) {
	const pages = new Map();
	for (const state of states) {
		if (state.from) continue;
		await test(`${state.name}: nothing reaches beyond 320 px`, async () => {
			const page = await pageOf(pages, devices, state.device, 320);
			await show(page, devices[state.device], state);
			const found = await tooWide(page);
			if (found.length > 0) throw new Error(found.join('\n'));
		});
	}
	await close(pages);
}

/** The page of a device, opened when the first test wants it. */
async function pageOf(pages, devices, name, width) {
	if (!pages.has(name)) pages.set(name, await openPage(browser, devices[name], width));
	return pages.get(name);
}

async function close(pages) {
	await Promise.all([...pages.values()].map((page) => page.context().close()));
}
