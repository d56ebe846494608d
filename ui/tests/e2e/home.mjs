// The start page: its states for axe, and how somebody arranges it.
import assert from 'node:assert/strict';
import { openPage } from './browser.mjs';
import { t } from './words.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true }).filter({ visible: true }).first();
const arranged = (page) => page.locator('main [data-tile]').evaluateAll((all) => all.map((one) => one.dataset.tile));
const handle = (page, key) => page.locator(`[data-tile="${key}"] [data-handle]`);
const place = (name, at, count) => t('home_place', { name: t(name), place: String(at), count: String(count) });

/** Waits until a tile is said to stand somewhere. */
const placed = (page, name, at, count) =>
	page.getByText(place(name, at, count), { exact: true }).waitFor({ state: 'attached' });

/** Waits until the handle of a tile has the focus. */
const focused = (page, key) => page.locator(`[data-tile="${key}"] [data-handle]:focus`).waitFor();

/** Gives the page these tiles and no other, whatever was there. */
async function lay(device, wanted) {
	const { rows } = await device.command('list', { kind: 'home_tile', scope: 'all', limit: 50 });
	for (const { id, fields } of rows) {
		await device.command('edit', { kind: 'home_tile', id, seen: { shown: fields.shown }, changed: { shown: false } });
	}
	for (const [at, what] of wanted.entries()) {
		const changed = { size: what === 'today' ? 'l' : 's', place: at * 1024, shown: true };
		const known = rows.find(({ title }) => title === what);
		if (!known) {
			await device.command('create', { kind: 'home_tile', fields: { what, ...changed } });
			continue;
		}
		const { size, place } = known.fields;
		await device.command('edit', { kind: 'home_tile', id: known.id, seen: { size, place, shown: false }, changed });
	}
}

/** States of the start page. */
export function homeStates() {
	const arranging = (device) => ({
		device,
		path: '/',
		act: (page) => button(page, t('home_arrange')).click(),
		shows: (page) => page.getByText(t('home_hint'))
	});
	return [
		{
			name: 'today of a supervisor',
			device: 'desk',
			path: '/',
			shows: (page) => page.locator('[data-tile="today/"] :is(h2, p)').first()
		},
		{ name: 'tiles being arranged', ...arranging('phone') },
		{ name: 'tiles of a supervisor being arranged', ...arranging('desk') }
	];
}

/** Arranges the page. */
export async function homeJourneys({ browser, story, test }) {
	const { phone, laptop } = story;

	await test('tiles are added, moved by keyboard, and taken off; the other device has them so', async () => {
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at('/'));
		await page.locator('[data-tile="forgotten/"]').waitFor();
		assert.deepEqual(await arranged(page), ['today/', 'forgotten/', 'sync/']);
		await button(page, t('home_arrange')).click();
		await button(page, t('home_waiting')).click();
		await handle(page, 'waiting/').waitFor();
		await focused(page, 'waiting/');
		await page.keyboard.press('ArrowUp');
		await placed(page, 'home_waiting', 2, 3);
		assert.deepEqual(await arranged(page), ['today/', 'forgotten/', 'waiting/', 'sync/']);
		// The handle keeps the focus: the next press moves it on.
		await focused(page, 'waiting/');
		await page.keyboard.press('ArrowUp');
		await placed(page, 'home_waiting', 1, 3);
		// Presses while one is being written are done after it.
		let release = () => {};
		const pressed = new Promise((done) => (release = done));
		await page.route('**/ipc/edit', async (route) => {
			await pressed;
			await route.continue();
		});
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('ArrowDown');
		release();
		await placed(page, 'home_waiting', 3, 3);
		// What could not be written is not said to be done.
		await page.unroute('**/ipc/edit');
		const body = { code: 'internal', kind: 'bug', params: {}, fields: {} };
		await page.route('**/ipc/edit', (route) => route.fulfill({ status: 500, json: body }));
		await page.keyboard.press('ArrowUp');
		await page.getByText(t('error_internal')).first().waitFor();
		assert.equal(await page.getByText(place('home_waiting', 2, 3)).count(), 0);
		await page.unroute('**/ipc/edit');
		await page.keyboard.press('ArrowUp');
		await placed(page, 'home_waiting', 2, 3);
		await page.keyboard.press('ArrowUp');
		await placed(page, 'home_waiting', 1, 3);
		await button(page, t('home_tools', { name: t('home_sync') })).click();
		await page.getByRole('menuitem', { name: t('home_remove') }).click();
		await page.locator('[data-tile="sync/"]').waitFor({ state: 'detached' });
		await focused(page, 'forgotten/');
		assert.deepEqual(await arranged(page), ['today/', 'waiting/', 'forgotten/']);
		await page.context().close();

		await phone.synced();
		const second = await openPage(browser, laptop, 360);
		await laptop.until('the tiles arrive', async () => {
			const { rows } = await laptop.command('list', { kind: 'home_tile', scope: 'all', limit: 50 });
			return rows.length === 4;
		});
		await second.goto(laptop.at('/'));
		await second.locator('[data-tile="waiting/"]').waitFor();
		// On a phone the day itself stands first, whatever else there is.
		assert.deepEqual(await arranged(second), ['today/', 'waiting/', 'forgotten/']);
		await second.context().close();
	});

	await test('a tile is dragged to another place', async () => {
		await lay(phone, ['today', 'waiting', 'forgotten']);
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at('/'));
		await button(page, t('home_arrange')).click();
		await page
			.locator('[data-tile="forgotten/"] [data-handle]')
			.dragTo(page.locator('[data-tile="waiting/"] [data-handle]'));
		await placed(page, 'home_forgotten', 1, 2);
		assert.deepEqual(await arranged(page), ['today/', 'forgotten/', 'waiting/']);
		await page.context().close();
	});
}
