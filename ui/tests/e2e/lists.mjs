// Lists in a browser: their states for axe, and what people do with them by keyboard and by thumb.
import assert from 'node:assert/strict';
import { openPage, violations } from './browser.mjs';
import { t } from './words.mjs';

const row = (page) => page.locator('[data-index] a').first();
const button = (page, key) =>
	page
		.getByRole('button', { name: new RegExp(`^${t(key)}`) })
		.filter({ visible: true })
		.first();
const dialog = (page) => page.getByRole('dialog').filter({ visible: true }).first();
const query = (state) => new URLSearchParams(state).toString();
const json = (value) => JSON.stringify(value);

/** Opens the tools where they are folded. */
async function tools(page) {
	const folded = page.getByRole('button', { name: t('list_tools'), exact: true }).filter({ visible: true });
	if ((await folded.count()) > 0) await folded.click();
}

/** States of lists. */
export function listStates() {
	const conditions = json([
		{
			any: [
				{ field: 'status', op: 'one_of', value: '', values: ['active'] },
				{ field: 'city', op: 'contains', value: 'о' }
			]
		},
		{ field: 'last_contact', op: 'during', value: 'last_days:90' }
	]);
	const rules = json([
		{ when: { field: 'status', op: 'is', value: 'active' }, colour: 'done', sign: 'star', bold: true, cell: '' },
		{ when: { field: 'city', op: 'filled', value: '' }, colour: 'accent', sign: 'flag', bold: false, cell: 'city' }
	]);
	return [
		{
			name: 'list in groups with colours',
			device: 'phone',
			path: `/clients?${query({ group: json([{ field: 'status' }, { field: 'city' }]), rules })}`,
			shows: (page) => page.locator('[data-head]').first()
		},
		{
			name: 'list that is filtered',
			device: 'phone',
			path: `/clients?${query({ conditions })}`,
			shows: (page) => page.getByRole('list', { name: t('list_filter_on') })
		},
		{
			name: 'filter',
			device: 'phone',
			path: `/clients?${query({ conditions })}`,
			async act(page) {
				await row(page).waitFor();
				await tools(page);
				await button(page, 'list_filter').click();
			},
			shows: (page) => dialog(page).getByLabel(t('list_comparison')).first()
		},
		{
			name: 'colours',
			device: 'phone',
			path: `/clients?${query({ rules })}`,
			async act(page) {
				await row(page).waitFor();
				await tools(page);
				await button(page, 'list_looks').click();
			},
			shows: (page) => dialog(page).getByLabel(t('list_colour'), { exact: true }).first()
		},
		{
			name: 'columns',
			device: 'phone',
			from: 1024,
			path: '/clients',
			async act(page) {
				await row(page).waitFor();
				await button(page, 'list_columns').click();
			},
			shows: (page) => dialog(page).getByRole('checkbox').first()
		},
		{
			name: 'bulk edit',
			device: 'phone',
			path: '/clients',
			async act(page) {
				await row(page).waitFor();
				await row(page).focus();
				await page.keyboard.press('Space');
				await page.keyboard.press('e');
				await dialog(page).getByLabel(t('list_field'), { exact: true }).selectOption('source');
			},
			shows: (page) => button(page, 'list_bulk_apply')
		},
		{
			name: 'board',
			device: 'phone',
			path: '/clients?layout=kanban&by=status',
			shows: (page) => page.locator('[data-card]').first()
		},
		{
			name: 'calendar',
			device: 'phone',
			path: '/interactions?view=all&layout=calendar&by=starts_at',
			shows: (page) => page.locator('main section a').first()
		},
		{
			name: 'list of a kind without a page of its own',
			device: 'phone',
			path: '/list/person',
			shows: (page) => row(page)
		},
		{
			name: 'list of a kind nobody knows',
			device: 'phone',
			path: '/list/nothing',
			shows: (page) => page.getByRole('heading', { level: 1 })
		},
		{
			name: 'list in which nothing fits',
			device: 'phone',
			path: '/clients?q=zzzzzz',
			shows: (page) => page.getByText(t('list_empty_filtered'))
		}
	];
}

/** Plays what people do with lists. */
export async function listJourneys({ browser, story, test }) {
	const { desk, phone, laptop } = story;
	const ids = async (device, request) => device.command('list_ids', { kind: 'client', limit: 0, ...request });

	await test('by keyboard alone a list is filtered, rows are ticked, changed at once and changed back', async () => {
		const page = await openPage(browser, desk, 1440);
		await page.goto(desk.at('/clients'));
		await row(page).waitFor();
		await page.keyboard.press('/');
		await page.keyboard.press('ArrowDown');
		await page.locator('[data-index="0"] a:focus').waitFor();
		await page.keyboard.press('Space');
		await page.keyboard.press('ArrowDown');
		await page.locator('[data-index="1"] a:focus').waitFor();
		await page.keyboard.press('Shift+Space');
		await page.getByRole('region', { name: /2/ }).waitFor();
		await page.keyboard.press('e');
		await dialog(page).getByLabel(t('list_field'), { exact: true }).focus();
		await dialog(page).getByLabel(t('list_field'), { exact: true }).selectOption('source');
		await dialog(page).getByLabel(t('list_value'), { exact: true }).focus();
		await page.keyboard.type('Журнал № 7');
		const apply = dialog(page).getByRole('button', { name: t('list_bulk_apply'), exact: true });
		await page.waitForFunction((name) => {
			const buttons = [...document.querySelectorAll('[role=dialog] button')];
			return buttons.some((one) => one.textContent.trim() === name && !one.disabled);
		}, t('list_bulk_apply'));
		await apply.focus();
		await page.keyboard.press('Enter');
		const changed = { conditions: [{ field: 'source', op: 'is', value: 'Журнал № 7' }] };
		await desk.until('both are changed', async () => (await ids(desk, changed)).length === 2);
		await page.getByRole('button', { name: t('common_undo'), exact: true }).click();
		await desk.until('both are as they were', async () => (await ids(desk, changed)).length === 0);
		await page.context().close();
	});

	await test('a filter is built by hand, kept as a view, pinned, and there on the other device', async () => {
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at('/clients'));
		await row(page).waitFor();
		await button(page, 'list_filter').click();
		await dialog(page)
			.getByRole('button', { name: t('list_add_condition'), exact: true })
			.click();
		await dialog(page).getByLabel(t('list_field'), { exact: true }).selectOption('status');
		await dialog(page)
			.getByRole('group', { name: t('list_values') })
			.getByRole('checkbox')
			.nth(1)
			.check();
		await page.keyboard.press('Escape');
		await page.getByRole('list', { name: t('list_filter_on') }).waitFor();
		await button(page, 'list_views').click();
		await dialog(page)
			.getByRole('button', { name: t('list_view_keep'), exact: true })
			.click();
		await dialog(page).getByLabel(t('list_view_name')).fill('Действующие, мои');
		await dialog(page)
			.getByRole('button', { name: t('list_view_save'), exact: true })
			.click();
		await page.getByRole('navigation').getByRole('link', { name: 'Действующие, мои' }).waitFor();
		await phone.synced();
		await laptop.until('the view arrives', async () => (await laptop.command('saved_views', {})).length === 1);
		const second = await openPage(browser, laptop, 1440);
		await second.getByRole('navigation').getByRole('link', { name: 'Действующие, мои' }).click();
		await second.getByRole('list', { name: t('list_filter_on') }).waitFor();
		await second.context().close();
		await page.context().close();
	});

	await test('a card goes to another column by keyboard, by its menu, and back', async () => {
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at('/clients?layout=kanban&by=status'));
		const card = page.locator('[data-column=active] [data-card]').first();
		await card.waitFor();
		const id = await card.getAttribute('data-card');
		await card.focus();
		await page.keyboard.press('Control+ArrowRight');
		await page.locator(`[data-column=paused] [data-card="${id}"]`).waitFor();
		const moved = page.locator('li').filter({ has: page.locator(`[data-card="${id}"]`) });
		await moved.getByRole('button').click();
		await page.getByRole('menuitem', { name: t('list_move_to', { to: 'Действующий' }), exact: true }).click();
		await page.locator(`[data-column=active] [data-card="${id}"]`).waitFor();
		await page.context().close();
	});

	await test('groups fold by keyboard, and what stands below moves up', async () => {
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at(`/clients?${query({ group: json([{ field: 'status' }]) })}`));
		const head = page.locator('[data-head]').first();
		await head.waitFor();
		await head.focus();
		await page.keyboard.press('ArrowLeft');
		await page.locator('[data-index="0"] [data-head][aria-expanded=false]').waitFor();
		await page.locator('[data-index="1"] [data-head]').waitFor();
		await page.keyboard.press('ArrowRight');
		await page.locator('[data-index="1"] a').waitFor();
		await page.context().close();
	});

	await test('back from a record the list is where it was, with its ticks', async () => {
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at('/clients?scope=all'));
		await row(page).waitFor();
		await page.locator('[data-index="0"] a').focus();
		await page.keyboard.press('Space');
		for (let i = 0; i < 5; i++) await page.keyboard.press('PageDown');
		const here = await page.locator('[role=row] a:focus').evaluate((a) => a.closest('[data-index]').dataset.index);
		await page.keyboard.press('Enter');
		await page.locator('[data-facts]').first().waitFor();
		await page.keyboard.press('Escape');
		await page.waitForURL('**/clients?scope=all');
		await page.locator(`[data-index="${here}"]`).waitFor();
		await page.getByRole('region', { name: /1/ }).waitFor();
		await page.context().close();
	});

	await test('on a phone a long press ticks and a second row joins by its box', async () => {
		const page = await openPage(browser, phone, 360);
		await page.goto(phone.at('/clients?scope=all'));
		await row(page).waitFor();
		const box = await row(page).boundingBox();
		const at = { x: box.x + 20, y: box.y + box.height / 2 };
		const client = await page.context().newCDPSession(page);
		await client.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [at] });
		await page.getByRole('region', { name: /1/ }).waitFor();
		await client.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
		assert.equal(new URL(page.url()).pathname, '/clients');
		await page.locator('[data-index="1"]').getByRole('checkbox').tap();
		await page.getByRole('region', { name: /2/ }).waitFor();
		assert.deepEqual(await violations(page), []);
		await page.context().close();
	});
}
