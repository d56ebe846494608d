// Several clients made one, and taken apart again: the states for axe, and what a supervisor does.
import assert from 'node:assert/strict';
import { openPage } from './browser.mjs';
import { t } from './words.mjs';

const dialog = (page) => page.getByRole('dialog').filter({ visible: true }).first();
const radio = (page, name) => dialog(page).getByRole('radio', { name });
const read = async (device, id) => device.command('record', { kind: 'client', id });

/** Two clients of one name that differ in their city. */
async function pair(device, name) {
	const ids = [];
	for (const city of ['Одеса', 'Львів']) {
		ids.push((await device.command('create_client', { client: { name, city } })).id);
	}
	await device.synced();
	return ids;
}

/** Ticks both of a name in the list and opens the sheet. */
async function openSheet(page, device, name) {
	await page.goto(device.at(`/clients?${new URLSearchParams({ scope: 'all', q: name })}`));
	for (const index of [0, 1]) {
		await page.locator(`[data-index="${index}"] a`).first().focus();
		await page.keyboard.press('Space');
	}
	await page.getByRole('region', { name: /2/ }).waitFor();
	const merge = page.getByRole('button', { name: t('merge_bulk'), exact: true }).filter({ visible: true });
	await merge.first().click();
	await radio(page, 'Львів').waitFor();
}

/** States of the sheet and of both cards. */
export async function mergeStates({ desk }) {
	await pair(desk, 'Каштан Опт');
	const [into, other] = await pair(desk, 'Берёзка Опт');
	const order = { order: 'merge_clients', into, others: [other] };
	const confirmed = await desk.command('rehearse', { order });
	await desk.command('merge_clients', { into, others: [other], choices: {}, confirmed });
	await desk.until('they are one', async () => (await read(desk, into)).merged.length === 1);
	return [
		{
			name: 'merge sheet',
			device: 'desk',
			path: '/clients',
			act: (page) => openSheet(page, { at: (path) => new URL(path, page.url()).href }, 'Каштан Опт'),
			shows: (page) => radio(page, 'Львів')
		},
		{
			name: 'merged client',
			device: 'desk',
			path: `/clients/${into}`,
			act: (page) => page.getByText(t('merge_parts'), { exact: true }).click(),
			shows: (page) => page.getByRole('button', { name: t('merge_undo_one', { name: 'Берёзка Опт' }) })
		},
		{
			name: 'client that is part of another',
			device: 'desk',
			path: `/clients/${other}`,
			shows: (page) => page.getByRole('link', { name: t('merge_go', { name: 'Берёзка Опт' }) })
		}
	];
}

/** What a supervisor does. */
export async function mergeJourneys({ browser, story: { desk }, test }) {
	await test('two clients become one with the city somebody chose, and are taken apart again', async () => {
		const ids = await pair(desk, 'Липа Плюс');
		const page = await openPage(browser, desk, 1440);
		await openSheet(page, desk, 'Липа Плюс');
		const proposed = await radio(page, 'Одеса').isChecked();
		const wanted = proposed ? 'Львів' : 'Одеса';
		await radio(page, wanted).check();
		await dialog(page)
			.getByRole('button', { name: t('merge_confirm'), exact: true })
			.click();
		await dialog(page).waitFor({ state: 'detached' });
		const cards = async () => Promise.all(ids.map((id) => read(desk, id)));
		const whole = async () => (await cards()).findIndex((card) => card.merged.length === 1);
		await desk.until('they are one', async () => (await whole()) >= 0);
		const stays = ids[await whole()];
		await desk.until('the chosen city is there', async () => (await read(desk, stays)).fields.city === wanted);

		await page.goto(desk.at(`/clients/${stays}`));
		await page.getByText(t('merge_parts'), { exact: true }).click();
		await page.getByRole('button', { name: t('merge_undo_one', { name: 'Липа Плюс' }) }).click();
		await desk.until('they are two', async () =>
			(await cards()).every(({ merged, merged_into }) => !merged_into && merged.length === 0)
		);
		await page.getByText(t('merge_parts'), { exact: true }).waitFor({ state: 'detached' });
		assert.equal((await desk.command('list', { kind: 'client', scope: 'all', text: 'Липа Плюс', limit: 5 })).total, 2);
		await page.context().close();
	});
}
