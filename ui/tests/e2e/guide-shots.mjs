// The images of the user guide: which state each shows, and on what kind of screen.
import { execFile } from 'node:child_process';
import { mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { lookAs, openPage, show } from './browser.mjs';

const run = promisify(execFile);
const folder = resolve(import.meta.dirname, '../../../docs/guide');
const phone = { width: 360, height: 640 };
const desk = { width: 900, height: 600 };

const shots = [
	['start', 'welcome', phone],
	['today', 'today', phone],
	['log', 'quick sheet', phone],
	['card', 'card', phone],
	['clients', 'clients', phone],
	['search', 'search', phone],
	['conflict', 'review', phone],
	['receipts', 'receipts', phone],
	['offline', 'sync page', phone],
	['team', 'team', desk],
	['absence', 'absence sheet', desk],
	['proposals', 'proposals', desk],
	['devices', 'devices', desk]
];

/** Shots whose state is not among these. */
export const missingShots = (states) =>
	shots.filter(([, wanted]) => !states.some(({ name }) => name === wanted)).map(([name]) => name);

/** True for states the guide shows. */
export const inGuide = ({ name }) => shots.some(([, state]) => state === name);

/** Takes the guide's images of these states in a language. */
export async function takeForGuide(browser, devices, states, lang) {
	const into = join(folder, lang, 'img');
	await mkdir(into, { recursive: true });
	for (const [name, wanted, size] of shots) {
		const state = states.find((one) => one.name === wanted);
		// Some states are brought about only once the server is away.
		if (!state) continue;
		const page = await openPage(browser, devices[state.device], size.width);
		await page.setViewportSize(size);
		await show(page, devices[state.device], state);
		await lookAs(page, 'light');
		const path = join(into, `${name}.png`);
		await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
		if (page.faults.length > 0) throw new Error(`${wanted}: ${page.faults.join('; ')}`);
		await page.context().close();
		await shrink(path);
	}
}

/** Few colours make a small file: screens have few. */
async function shrink(path) {
	await run('convert', [path, '-strip', '+dither', '-colors', '48', `png8:${path}.small`]);
	await rename(`${path}.small`, path);
}
