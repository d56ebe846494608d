// What cards and forms do: narrowing a history, numbers doubted while they are typed, the way back from the trash.
import assert from 'node:assert/strict';
import { openPage } from './browser.mjs';
import { t } from './words.mjs';

const dialog = (page) => page.getByRole('dialog').filter({ visible: true }).first();
const button = (page, name) => page.getByRole('button', { name, exact: true }).filter({ visible: true }).first();
const items = (page) => page.locator('section[aria-labelledby=timeline-title] li');

/** Unfolds the filter of a history where it is folded. */
async function unfold(page) {
	const fold = button(page, t('client_timeline_filter'));
	if ((await fold.count()) > 0) await fold.click();
}

async function narrow(page, key) {
	await items(page).first().waitFor();
	await unfold(page);
	await page
		.getByRole('button', { name: t(key), exact: true })
		.filter({ visible: true })
		.click();
}

/** Forgets what histories are narrowed to: pages of a width share a device. */
const widen = (page) => page.evaluate(() => localStorage.removeItem('timeline'));

/** What forms and cards look like on the way. */
export function formStates({ card }) {
	return [
		{
			name: 'card narrowed to edits',
			device: 'phone',
			path: `/clients/${card.id}`,
			async act(page) {
				await narrow(page, 'client_timeline_edits');
				await page.locator('[data-edit-step] summary').last().click();
				await widen(page);
			},
			shows: (page) => page.locator('[data-edit-step]').first()
		},
		{
			name: 'card narrowed to nothing',
			device: 'phone',
			path: `/clients/${card.id}`,
			async act(page) {
				await items(page).first().waitFor();
				await unfold(page);
				await page.getByLabel(t('client_timeline_when')).selectOption('days');
				await page.getByLabel(t('client_timeline_until')).fill('01.02.2001');
				await page.getByText(t('client_timeline_empty')).waitFor();
				await widen(page);
			},
			shows: (page) => page.getByText(t('client_timeline_empty'))
		},
		{
			name: 'new client with doubtful numbers',
			device: 'phone',
			path: '/clients/new',
			async act(page) {
				await page.locator('input[type=tel]').first().fill('+380 44 12');
				await page.getByLabel(t('clients_new_more')).count();
				await button(page, t('clients_new_more')).click();
				await page.getByLabel('Страна', { exact: false }).first().selectOption('ua');
				await page.getByLabel('ИНН', { exact: false }).first().fill('1436057');
				await page.getByText(t('record_warning_wrong_length')).first().scrollIntoViewIfNeeded();
			},
			shows: (page) => page.getByText(t('record_warning_wrong_length')).first()
		}
	];
}

/** What people do with them. */
export async function formJourneys({ browser, story: { phone, desk, card }, test }) {
	const read = (id) => phone.command('record', { kind: 'client', id });
	const made = async (name) => (await phone.command('create_client', { client: { name } })).id;

	await test('a client put into the trash comes back by the toast, and what was done before stays done', async () => {
		const id = await made('Тост Обратно');
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at(`/clients/${id}`));
		await page.getByRole('heading', { level: 1, name: 'Тост Обратно' }).waitFor();
		await button(page, t('client_more')).click();
		await page.getByRole('menuitem', { name: t('client_trash') }).click();
		await button(page, t('common_undo')).click();
		await phone.until('it is back', async () => !(await read(id)).trashed);
		await page.getByText(t('undo_trash', { name: 'Тост Обратно' })).waitFor();
		// Ctrl Z now takes back what was before it, not the way back itself.
		await page.keyboard.press('Control+z');
		await page.getByText(t('undo_create', { name: 'Тост Обратно' })).waitFor();
		assert.equal((await read(id)).trashed, true);
		await page.context().close();
	});

	await test('several put into the trash come back by one toast', async () => {
		const ids = [await made('Мешок Первый'), await made('Мешок Второй')];
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at(`/clients?${new URLSearchParams({ scope: 'all', q: 'Мешок' })}`));
		for (const index of [0, 1]) {
			await page.locator(`[data-index="${index}"] a`).first().focus();
			await page.keyboard.press('Space');
		}
		await button(page, t('list_trash')).click();
		await dialog(page)
			.getByRole('button', { name: t('list_trash'), exact: true })
			.click();
		await phone.until('both are gone', async () => (await Promise.all(ids.map(read))).every(({ trashed }) => trashed));
		await button(page, t('common_undo')).click();
		await phone.until('both are back', async () => (await Promise.all(ids.map(read))).every(({ trashed }) => !trashed));
		await page.context().close();
	});

	await test('a history is narrowed by the keyboard, stays so on this device, and is widened again', async () => {
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at(`/clients/${card.id}`));
		await items(page).first().waitFor();
		const all = await items(page).count();
		await page.keyboard.press('f');
		await page.waitForFunction(
			(name) => document.activeElement?.textContent?.trim() === name,
			t('client_timeline_all')
		);
		const edits = page.getByRole('button', { name: t('client_timeline_edits'), exact: true });
		await edits.focus();
		await page.keyboard.press('Space');
		await page.locator('[data-edit-step]').first().waitFor();
		const narrowed = await items(page).count();
		assert.equal(narrowed, await page.locator('[data-edit-step]').count());
		assert.ok(narrowed < all, `${narrowed} of ${all}`);
		await page.reload();
		await page.locator('[data-edit-step]').first().waitFor();
		assert.equal(await edits.getAttribute('aria-pressed'), 'true');
		await page.getByLabel(t('client_timeline_when')).selectOption('days');
		await page.getByLabel(t('client_timeline_until')).fill('01.02.2001');
		await button(page, t('client_timeline_clear')).click();
		await page.waitForFunction(
			([wanted]) => document.querySelectorAll('section[aria-labelledby=timeline-title] li').length === wanted,
			[all]
		);
		await page.context().close();
	});

	await test('a number no country has is doubted while it is typed, and may be kept', async () => {
		const id = await made('Сомнение');
		const page = await openPage(browser, phone, 360);
		await page.goto(phone.at(`/clients/${id}`));
		const facts = page.locator('[data-facts]');
		await facts.getByRole('button', { name: t('record_add_entry', { label: 'Телефоны' }) }).tap();
		await facts.locator('input[type=tel]').fill('+380 44 1');
		await page.locator('[data-phone-hint]', { hasText: t('record_warning_unknown_phone') }).waitFor();
		await facts.locator('input[type=tel]').press('Enter');
		await facts.getByText(t('record_warning_unknown_phone')).waitFor();
		assert.equal((await read(id)).fields.phones[0].value, '+380 44 1');
		await page.context().close();
	});

	await test('what lives under a client in the trash is out of the lists with it and back with it', async () => {
		const id = await made('Вместе Ушли');
		await phone.command('create', { kind: 'person', client: id, fields: { name: 'Спутник Вместеев' } });
		await phone.command('trash', { kind: 'client', id });
		const page = await openPage(browser, phone, 1440);
		const listed = async () => (await phone.command('list', { kind: 'person', text: 'Вместеев', limit: 5 })).total;
		assert.equal(await listed(), 0);
		await page.goto(phone.at('/trash'));
		const line = page.locator('li', { hasText: 'Вместе Ушли' });
		await line.getByText('и с ним 3 записи').waitFor();
		await line.getByRole('button', { name: t('trash_restore_one', { name: 'Вместе Ушли' }) }).click();
		await phone.until('the person is back', async () => (await listed()) === 1);
		await page.context().close();
	});

	await test('a region that is not there is made from its field, and one undo takes both back', async () => {
		const { id } = await desk.command('create_client', { client: { name: 'Край Нового' } });
		const page = await openPage(browser, desk, 1440);
		await page.goto(desk.at(`/clients/${id}`));
		const facts = page.locator('[data-facts]');
		await facts.getByRole('button', { name: t('record_facts_more') }).click();
		await facts.locator(`button[aria-label^="${t('record_edit_field', { label: 'Бизнес-регион' })}"]`).click();
		await page.keyboard.type('Межигорье');
		await page.locator('[data-make]').waitFor();
		await page.keyboard.press('Enter');
		const region = async () => (await desk.command('record', { kind: 'client', id })).fields.region?.title;
		await desk.until('it is named', async () => (await region()) === 'Межигорье');
		await button(page, t('common_undo')).click();
		await desk.until('both are taken back', async () => (await region()) === undefined);
		assert.equal((await desk.command('list', { kind: 'business_region', text: 'Межигорье', limit: 1 })).total, 0);
		await page.context().close();
	});

	await test('a legal entity of another client is added to this one, and a new one made there', async () => {
		const [one, two] = [await made('Партнёр Первый'), await made('Партнёр Второй')];
		const entities = async (id) =>
			(await phone.command('client_card', { client: id })).legal_entities.map(({ title }) => title);
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at(`/clients/${two}`));
		const add = async (name, pick) => {
			await button(page, t('client_legal_add')).click();
			await dialog(page).getByRole('combobox').fill(name);
			await pick(dialog(page));
			await dialog(page).waitFor({ state: 'detached' });
		};
		await add('Партнёр Первый', (sheet) => sheet.getByRole('option', { name: 'Партнёр Первый', exact: true }).click());
		await phone.until('it is linked', async () => (await entities(two)).length === 2);
		await add('Совсем Новый', (sheet) => sheet.locator('[data-make]').click());
		await phone.until('it is made', async () => (await entities(two)).includes('Совсем Новый'));
		assert.deepEqual(await entities(one), ['Партнёр Первый']);
		await page.context().close();
	});

	await test('several interactions are handed to a colleague at once, and taken back by one undo', async () => {
		const client = await made('Раздача Дел');
		const starts_at = new Date(Date.now() + 86_400_000).toISOString();
		for (const subject of ['Раздача раз', 'Раздача два']) {
			await phone.command('plan_interaction', { client, channel: 'call', subject, starts_at });
		}
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at(`/interactions?${new URLSearchParams({ view: 'all', scope: 'all', q: 'Раздача' })}`));
		for (const index of [0, 1]) {
			await page.locator(`[data-index="${index}"] a`).first().focus();
			await page.keyboard.press('Space');
		}
		await page.keyboard.press('h');
		await dialog(page).getByRole('radiogroup').locator('label').first().click();
		await dialog(page)
			.getByRole('button', { name: t('orders_confirm'), exact: true })
			.click();
		const orders = async () =>
			(await phone.command('orders')).filter(({ order }) => order.order === 'redirect_interaction');
		await phone.until('two orders are given', async () => (await orders()).length === 2);
		await button(page, t('common_undo')).click();
		await phone.until('both are back', async () => {
			const asked = { kind: 'interaction', text: 'Раздача', scope: 'mine', limit: 5 };
			return (await phone.command('interactions', asked)).total === 2;
		});
		await page.context().close();
	});

	await test('g and a letter go to a page, in any layout', async () => {
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at('/'));
		await page.locator('h1').filter({ visible: true }).first().waitFor();
		await page.keyboard.press('g');
		await page.keyboard.press('c');
		await page.waitForURL(/clients/);
		await page.keyboard.press('Shift+Slash');
		await dialog(page).getByText('G T', { exact: true }).waitFor();
		await page.context().close();
	});
}
