// Debian's Chromium with pages that are let into a device's host.
import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from 'playwright-core';

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
		locale: 'ru-RU',
		reducedMotion: 'reduce',
		permissions: ['clipboard-read', 'clipboard-write']
	});
	const page = await context.newPage();
	page.setDefaultTimeout(15_000);
	page.faults = [];
	page.on('pageerror', (error) => page.faults.push(error.message));
	await page.goto(device.address);
	await page.locator('h1').filter({ visible: true }).first().waitFor();
	return page;
}

/** Opens a state and waits until it stands. */
export async function show(page, device, state) {
	await page.goto(device.at(state.path));
	await state.act?.(page);
	await state.shows(page).waitFor();
}

/** What axe finds wrong, one line each. */
export async function violations(page) {
	const { violations: found } = await new AxeBuilder({ page }).analyze();
	return found.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 140)).slice(0, 2).join(' … ')}`);
}

/** What is wider than the screen, as far as it could be pushed sideways; nothing when all is well. */
export function tooWide(page) {
	return page.evaluate(() =>
		[document.documentElement, ...document.querySelectorAll('main *, [role=dialog] *')]
			.filter((element) => {
				const { overflowX } = getComputedStyle(element);
				const root = element === document.documentElement;
				if (!root && overflowX !== 'auto' && overflowX !== 'scroll') return false;
				// Rows of chips are made to be pushed; nothing else is.
				if (element.getAttribute('role') === 'group' || element.getAttribute('role') === 'radiogroup') return false;
				return element.scrollWidth > element.clientWidth + 1;
			})
			.map((element) => element.outerHTML.slice(0, 120))
	);
}
