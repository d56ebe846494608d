// The start page: its states for axe, and how somebody arranges it.
import assert from 'node:assert/strict';
import { openPage } from './browser.mjs';
import { t } from './words.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true }).filter({ visible: true }).first();
const arranged = (page) => page.locator('main [data-tile]').evaluateAll((all) => all.map((one) => one.dataset.tile));

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
		await page.locator('[data-tile="waiting/"]').waitFor();
		await page.locator('[data-tile="waiting/"] [data-handle]').focus();
		await page.keyboard.press('ArrowUp');
		await page
			.getByText(t('home_place', { name: t('home_waiting'), place: '2', count: '3' }))
			.waitFor({ state: 'attached' });
		assert.deepEqual(await arranged(page), ['today/', 'forgotten/', 'waiting/', 'sync/']);
		// The handle keeps the focus: the next press moves it on.
		await page.keyboard.press('ArrowUp');
		await page
			.getByText(t('home_place', { name: t('home_waiting'), place: '1', count: '3' }))
			.waitFor({ state: 'attached' });
		await button(page, t('home_tools', { name: t('home_sync') })).click();
		await page.getByRole('menuitem', { name: t('home_remove') }).click();
		await page.locator('[data-tile="sync/"]').waitFor({ state: 'detached' });
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
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at('/'));
		await button(page, t('home_arrange')).click();
		await page
			.locator('[data-tile="forgotten/"] [data-handle]')
			.dragTo(page.locator('[data-tile="waiting/"] [data-handle]'));
		await page
			.getByText(t('home_place', { name: t('home_forgotten'), place: '1', count: '2' }))
			.waitFor({ state: 'attached' });
		assert.deepEqual(await arranged(page), ['today/', 'forgotten/', 'waiting/']);
		await page.context().close();
	});
}
