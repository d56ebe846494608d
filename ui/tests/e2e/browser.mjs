// Debian's Chromium with pages that are let into a device's host.
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';
import { spoken } from './words.mjs';

const locales = { en: 'en-GB', ru: 'ru-RU', uk: 'uk-UA' };

const quiet = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync'
];

/** Starts the browser. */
export function openBrowser() {
	return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: quiet });
}

/** A page of a device at a width; what goes wrong in it ends up in `page.faults`. */
export async function openPage(browser, device, width) {
	const phone = width < 768;
	const context = await browser.newContext({
		viewport: { width, height: phone ? 740 : 900 },
		hasTouch: phone,
		isMobile: phone,
		locale: locales[spoken()],
		reducedMotion: 'reduce',
		permissions: ['clipboard-read', 'clipboard-write']
	});
	const page = await context.newPage();
	page.setDefaultTimeout(15_000);
	page.setDefaultNavigationTimeout(60_000);
	page.faults = [];
	page.on('pageerror', (error) => page.faults.push(error.message));
	await page.goto(device.address);
	// The first page has the browser start up and everything compile, on a machine that may be busy.
	await page.locator('h1').filter({ visible: true }).first().waitFor({ timeout: 60_000 });
	return page;
}

/** Opens a state and waits until it stands. */
export async function show(page, device, state) {
	await page.unrouteAll({ behavior: 'ignoreErrors' });
	if (state.status) await answering(page, 'status', (said) => standing(said, state.status));
	for (const [command, answer] of Object.entries(state.answers ?? {})) await answering(page, command, answer);
	await page.goto(device.at(state.path));
	await state.act?.(page);
	await state.shows(page).waitFor();
}

/** That a device stands otherwise than it does: for screens of what is hard to bring about. */
const standing = (said, { sync, ...status }) => ({ ...said, ...status, sync: { ...said.sync, ...sync } });

/** Has a command answer otherwise: `waits` never does, `fails` says that it is a bug, a function changes what is said. */
function answering(page, command, answer) {
	return page.route(`**/ipc/${command}`, async (route) => {
		if (answer === 'waits') return;
		if (answer === 'fails') {
			const body = { code: 'internal', kind: 'bug', params: {}, fields: {} };
			await route.fulfill({ status: 500, json: body });
			return;
		}
		const response = await route.fetch();
		await route.fulfill({ response, json: answer(await response.json(), route.request().postDataJSON()) });
	});
}

/** What axe finds wrong, one line each. Pages have no frames: one run inside the page is all there is to do. */
export async function violations(page) {
	const { violations: found } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
	return found.map(
		({ id, nodes }) =>
			`${id}: ${nodes
				.map((node) => node.html.slice(0, 140))
				.slice(0, 2)
				.join(' … ')}`
	);
}

/** What reaches beyond the screen and is not inside something made to be pushed sideways; nothing when all is well. */
export function tooWide(page) {
	return page.evaluate(() => {
		const pushed = (element) => {
			for (let up = element.parentElement; up; up = up.parentElement) {
				if (['auto', 'scroll'].includes(getComputedStyle(up).overflowX) && !up.hasAttribute('data-scroll')) return true;
			}
			return false;
		};
		return [...document.querySelectorAll('body *')]
			.filter((element) => element.checkVisibility() && getComputedStyle(element).clipPath === 'none')
			.filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1 && !pushed(element))
			.map((element) => element.outerHTML.slice(0, 120))
			.slice(0, 3);
	});
}

/** Puts a page into a theme without asking its device. */
export async function lookAs(page, theme) {
	await page.evaluate((to) => (document.documentElement.dataset.theme = to), theme);
}
