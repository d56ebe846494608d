// Finding and doing from one text field, and who is calling: by the keyboard alone, and by touch at 360 px.
import assert from 'node:assert/strict';
import { openPage } from './browser.mjs';
import { t } from './words.mjs';

const field = (page) => page.getByRole('combobox').last();
const options = (page) => page.getByRole('option');
const heading = (page, name) => page.getByRole('heading', { level: 1, name }).filter({ visible: true });
const nobody = '+380 44 999-00-11';

/** A name without quotes and forms, as somebody types it. */
const typed = ({ title }) =>
	title
		.replace(/[«»"]/g, ' ')
		.split(/\s+/)
		.filter((word) => word.length > 3)
		.at(-1)
		.toLowerCase();

async function openPalette(page, device, path = '/clients') {
	await page.goto(device.at(path));
	await page.locator('h1').filter({ visible: true }).first().waitFor();
	await page.keyboard.press('Control+k');
	await field(page).waitFor();
}

/** A number a client on the phone has; given to one that has none. */
async function numberOf(device, { id }) {
	const { fields } = await device.command('record', { kind: 'client', id });
	return fields.phones.find(({ removed }) => !removed).value;
}

/** Presses what is left to press of a call that is being logged; the client has it then. */
async function logCall(page, device, { id, title }, said) {
	const sheet = page.getByRole('dialog', { name: t('quick_title_log') });
	await sheet.getByText(title).waitFor();
	await sheet.getByLabel(t('quick_result')).fill(said);
	await sheet.getByRole('button', { name: t('interaction_outcome_agreed'), exact: true }).tap();
	await sheet.getByRole('button', { name: t('interaction_next_tomorrow'), exact: true }).tap();
	await sheet.waitFor({ state: 'detached' });
	const { history } = await device.command('client_card', { client: id });
	assert.ok(
		history.some((one) => one.result === said),
		`the card lacks ${said}`
	);
}

/** What the palette and the page of a caller look like. */
export async function searchStates({ phone, card, disputed }) {
	const number = await numberOf(phone, card);
	const palette = (name, text, shows, more) => ({
		name,
		device: 'phone',
		path: '/clients',
		async act(page) {
			await page.locator('[data-index] a').first().waitFor();
			await page.keyboard.press('Control+k');
			await field(page).fill(text);
			await more?.(page);
		},
		shows
	});
	return [
		palette('palette empty', '', (page) => options(page).first()),
		palette('palette actions', '>', (page) => options(page).first()),
		palette('palette nothing', 'ъъъщщщ', (page) => page.getByText(t('search_nothing_hint'))),
		palette('palette number', number, (page) => options(page).first()),
		palette(
			'palette acts',
			typed(disputed),
			(page) => options(page).filter({ hasText: t('client_plan') }),
			async (page) => {
				await options(page).filter({ hasText: disputed.title }).first().waitFor();
				await field(page).press('Tab');
			}
		),
		{
			name: 'caller',
			device: 'phone',
			path: `/call/${encodeURIComponent(number)}`,
			shows: (page) => page.locator('[data-owner]').first()
		},
		{
			name: 'caller unknown',
			device: 'phone',
			path: `/call/${encodeURIComponent(nobody)}`,
			async act(page) {
				await page.getByRole('button', { name: t('caller_add') }).click();
			},
			shows: (page) => page.getByRole('button', { name: t('caller_save') })
		},
		{ name: 'caller empty', device: 'phone', path: '/call', shows: (page) => page.getByText(t('caller_hint_title')) }
	];
}

/** Plays what people do with it. */
export async function searchJourneys({ browser, story, test }) {
	const { card, disputed, phone } = story;
	const keys = { й: 'q', ц: 'w', у: 'e', к: 'r', е: 't', н: 'y', г: 'u', ш: 'i', щ: 'o', з: 'p' };
	const latin = Object.assign(keys, {
		...{ х: '[', ъ: ']', ф: 'a', ы: 's', в: 'd', а: 'f', п: 'g', р: 'h', о: 'j', л: 'k', д: 'l' },
		...{ ж: ';', э: "'", я: 'z', ч: 'x', с: 'c', м: 'v', и: 'b', т: 'n', ь: 'm', б: ',', ю: '.' },
		...{ і: 's', ї: ']', є: "'", ґ: '`', ё: '`' }
	});

	await test('a record is found in the wrong layout and worked on without a mouse', async () => {
		const page = await openPage(browser, phone, 1440);
		await openPalette(page, phone);
		const wrong = [...typed(disputed)].map((letter) => latin[letter] ?? letter).join('');
		await page.keyboard.type(wrong);
		await options(page).first().filter({ hasText: disputed.title }).waitFor();
		await page.keyboard.press('Tab');
		await options(page)
			.filter({ hasText: t('client_plan') })
			.waitFor();
		await page.keyboard.press('Escape');
		await page.keyboard.type(wrong);
		await options(page).first().filter({ hasText: disputed.title }).waitFor();
		await page.keyboard.press('Tab');
		await page.keyboard.type(t('client_plan').slice(0, 3));
		await options(page)
			.first()
			.filter({ hasText: t('client_plan') })
			.waitFor();
		await page.keyboard.press('Enter');
		const sheet = page.getByRole('dialog', { name: t('quick_title_plan') });
		await sheet.getByText(disputed.title).waitFor();
		await page.keyboard.press('Escape');
		await page.context().close();
	});

	await test('what was opened is offered first, also after a restart of the page', async () => {
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at(`/clients/${disputed.id}`));
		await heading(page, disputed.title).waitFor();
		await page.goto(phone.at(`/clients/${card.id}`));
		await heading(page, card.title).waitFor();
		await phone.until('it is noted', async () => (await phone.command('recent_records'))[0]?.id === card.id);
		await openPalette(page, phone, '/');
		await options(page).first().filter({ hasText: card.title }).waitFor();
		await options(page).nth(1).filter({ hasText: disputed.title }).waitFor();
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('Enter');
		await heading(page, disputed.title).waitFor();
		await page.context().close();
	});

	await test('actions alone are found after >, in any layout, and done by Enter', async () => {
		const page = await openPage(browser, phone, 1440);
		await phone.command('note_opened', { kind: 'client', id: card.id });
		await openPalette(page, phone);
		const record = options(page).filter({ hasText: card.title }).first();
		await record.waitFor();
		await page.keyboard.type('>');
		await record.waitFor({ state: 'detached' });
		// «тёмное» with the Latin layout on.
		await page.keyboard.type('ntvyjt');
		await options(page)
			.first()
			.filter({ hasText: t('settings_theme_dark') })
			.waitFor();
		await page.keyboard.press('Enter');
		await page.locator('html[data-theme=dark]').waitFor({ state: 'attached' });
		await phone.command('change_settings', { theme: 'light' });
		await page.context().close();
	});

	await test('what an action gives the focus to keeps it once the palette is closed', async () => {
		const page = await openPage(browser, phone, 1440);
		await openPalette(page, phone);
		await page.keyboard.type(`>${t('frame_keys_filter')}`);
		await options(page)
			.first()
			.filter({ hasText: t('frame_keys_filter') })
			.waitFor();
		await page.keyboard.press('Enter');
		await page.getByRole('dialog').waitFor({ state: 'detached' });
		await page.locator('main input:focus').waitFor();
		await page.keyboard.type('a');
		assert.equal(await page.locator('main input:focus').inputValue(), 'a');
		await page.context().close();
	});

	await test('a search that failed says so and offers no new client', async () => {
		const page = await openPage(browser, phone, 1440);
		await openPalette(page, phone);
		const body = { code: 'internal', kind: 'bug', params: {}, fields: {} };
		await page.route('**/ipc/search', (route) => route.fulfill({ status: 500, json: body }));
		await page.keyboard.type('Щъбэ');
		await page.getByRole('dialog').getByRole('alert').waitFor();
		assert.equal(await options(page).filter({ hasText: 'Щъбэ' }).count(), 0);
		await page.context().close();
	});

	await test('the keys listed under ? come from the same actions', async () => {
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at('/'));
		await page.locator('h1').filter({ visible: true }).first().waitFor();
		await page.keyboard.press('Shift+Slash');
		await page.getByRole('dialog').getByText(t('frame_keys_quick')).waitFor();
		await page.keyboard.press('Escape');
		await page.getByRole('dialog').waitFor({ state: 'detached' });
		await page.keyboard.press('c');
		await page.getByRole('dialog').waitFor();
		await page.context().close();
	});

	await test('a name nobody has becomes a client', async () => {
		const page = await openPage(browser, phone, 1440);
		await openPalette(page, phone);
		await page.keyboard.type('Щъбэ');
		await options(page)
			.filter({ hasText: t('search_create_client', { name: 'Щъбэ' }) })
			.waitFor();
		await page.keyboard.press('Enter');
		await page.waitForURL(/clients\/new/);
		assert.equal(await page.locator('main form input').first().inputValue(), 'Щъбэ');
		await page.context().close();
	});

	await test('by touch a record is called up and a call logged from the palette', async () => {
		const page = await openPage(browser, phone, 360);
		await page.goto(phone.at('/'));
		await page.getByRole('button', { name: t('frame_search'), exact: true }).tap();
		await field(page).fill(typed(disputed));
		const line = options(page).filter({ hasText: disputed.title }).first();
		await line.locator('[data-act]').tap();
		await options(page)
			.filter({ hasText: t('client_log') })
			.tap();
		await logCall(page, phone, disputed, 'Дозвонился из поиска');
		await page.context().close();
	});

	await test('a number says who calls, however it is written, and the call is logged', async () => {
		const page = await openPage(browser, phone, 360);
		const digits = (await numberOf(phone, card)).replace(/\D/g, '');
		await page.goto(phone.at('/call'));
		await page.getByLabel(t('caller_number')).fill(digits.startsWith('380') ? digits.slice(2) : digits);
		const owner = page.locator('[data-owner]').filter({ hasText: card.title }).first();
		await owner.getByText(t('caller_last')).waitFor();
		await owner.getByRole('button', { name: t('caller_log') }).tap();
		await logCall(page, phone, card, 'Звонил сам, просит счёт');
		await page.context().close();
	});

	await test('an unknown number is given to a known client by the keyboard alone', async () => {
		const page = await openPage(browser, phone, 1440);
		await openPalette(page, phone);
		await page.keyboard.type(nobody);
		await options(page)
			.filter({ hasText: t('caller_whose_number', { number: nobody }) })
			.waitFor();
		await page.keyboard.press('Enter');
		await page.getByRole('button', { name: t('caller_add') }).focus();
		await page.keyboard.press('Enter');
		await page.getByRole('combobox').waitFor();
		await page.keyboard.type(typed(card));
		await options(page).filter({ hasText: card.title }).first().waitFor();
		await page.keyboard.press('ArrowDown');
		await page.keyboard.press('ArrowUp');
		await page.keyboard.press('Enter');
		await page.getByRole('button', { name: t('caller_save') }).focus();
		await page.keyboard.press('Enter');
		await page.locator('[data-owner]').filter({ hasText: card.title }).first().waitFor();
		await phone.until('it is there', async () => {
			const { owners } = await phone.command('who_calls', { number: nobody });
			return owners.length === 1 && owners[0].sure;
		});
		await page.context().close();
	});
}
