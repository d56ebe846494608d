// What people do, from the first tap to what everybody then sees.
import assert from 'node:assert/strict';
import { openPage, show } from './browser.mjs';
import { t } from './words.mjs';

/** Plays the journeys one after the other. */
export async function journeys({ browser, story, test }) {
	const { card, desk, disputed, laptop, leaving, office, other, phone } = story;
	const { rep, supervisor } = office.people;

	await test('a call is logged in three taps and is there after a reload and on the other device', async () => {
		const page = await openPage(browser, phone, 360);
		const other = await openPage(browser, laptop, 1440);
		await page.goto(phone.at(`/clients/${card.id}`));
		await other.goto(laptop.at(`/clients/${card.id}`));
		const said = 'Дозвонился, ждут прайс до пятницы';
		let taps = 0;
		const tap = async (where) => {
			taps += 1;
			await where.tap();
		};
		await tap(page.getByRole('button', { name: t('client_log'), exact: true }));
		const sheet = page.getByRole('dialog');
		await sheet.getByLabel(t('quick_result')).fill(said);
		await tap(sheet.getByRole('button', { name: t('interaction_outcome_agreed'), exact: true }));
		await tap(sheet.getByRole('button', { name: t('interaction_next_tomorrow'), exact: true }));
		await sheet.waitFor({ state: 'detached' });
		assert.equal(taps, 3);
		await page.getByText(said).first().waitFor();
		await page.reload();
		await page.getByText(said).first().waitFor();
		await other.getByText(said).first().waitFor();
		await page.context().close();
		await other.context().close();
	});

	await test('a field edited in two places is settled by one key, everywhere', async () => {
		const page = await openPage(browser, phone, 1440);
		await page.goto(phone.at(`/review?record=${disputed.id}`));
		const values = page.getByTestId('values').getByRole('button');
		assert.equal(
			await values.count().then(
				(n) =>
					n ||
					values
						.first()
						.waitFor()
						.then(() => values.count())
			),
			2
		);
		const first = await values.first().innerText();
		await page.keyboard.press('1');
		await page.getByText(t('review_empty')).waitFor();
		const { fields } = await phone.command('record', { kind: 'client', id: disputed.id });
		assert.ok(first.includes(fields.city), `${first} holds ${fields.city}`);
		await phone.synced();
		await laptop.until('the choice arrives', async () => (await laptop.command('reviews')).length === 0);
		await page.context().close();
	});

	await test('a notice tells why a client left', async () => {
		const page = await openPage(browser, phone, 360);
		await page.goto(phone.at('/notices'));
		const line = page.locator('[data-notice=client_left]').first();
		await line.waitFor();
		assert.ok((await line.innerText()).includes(supervisor.name), await line.innerText());
		await page.context().close();
	});

	await test('a late edit is read before and after and taken in', async () => {
		const page = await openPage(browser, desk, 1440);
		await page.goto(desk.at('/proposals'));
		const line = page.getByTestId('proposals').locator('li').filter({ hasText: 'ул. Новая, 7, вход со двора' });
		await line.waitFor();
		assert.ok((await line.innerText()).includes(rep.name), await line.innerText());
		await line.getByRole('button', { name: t('proposals_accept'), exact: true }).click();
		await line.waitFor({ state: 'detached' });
		await desk.until('the edit is in', async () => {
			const { fields } = await desk.command('record', { kind: 'client', id: leaving.id });
			return fields.address === 'ул. Новая, 7, вход со двора';
		});
		await page.context().close();
	});

	await test('a single value is taken over from a late edit, and its author has a receipt that says so', async () => {
		const page = await openPage(browser, desk, 1440);
		await page.goto(desk.at('/proposals'));
		const line = page.getByTestId('proposals').locator('li').filter({ hasText: 'https://ostap.example' });
		await line.getByText('https://ostap-2.example').waitFor();
		await line.getByRole('button', { name: t('proposals_pick'), exact: true }).click();
		const site = line.getByRole('row').filter({ hasText: 'https://ostap.example' });
		await site.getByRole('checkbox').check();
		await page.keyboard.press('Escape');
		await line.getByRole('button', { name: /^Взять 1 / }).click();
		await page.getByText(t('proposals_empty'), { exact: true }).waitFor();
		await desk.until('the value is in', async () => {
			const { fields } = await desk.command('record', { kind: 'client', id: other.id });
			return fields.website === 'https://ostap.example' && !fields.note?.includes('за углом');
		});
		await page.context().close();

		const author = await openPage(browser, phone, 360);
		await phone.until('the receipt arrives', async () =>
			(await phone.command('receipts')).some(({ picked }) => picked.length > 0)
		);
		await author.goto(phone.at('/receipts'));
		const receipt = author.locator('[data-receipt=declined]').filter({ hasText: t('receipts_partly') });
		await receipt.first().waitFor();
		assert.ok((await receipt.first().innerText()).includes(supervisor.name));
		await author.context().close();
	});

	await test('a row tells why its client is seen, by mouse and by keyboard', async () => {
		const page = await openPage(browser, desk, 1440);
		await page.goto(desk.at('/clients'));
		const row = page.locator('[data-index="0"]');
		await row.hover();
		await row.getByRole('button').click();
		await page.getByRole('menuitem', { name: t('clients_why'), exact: true }).click();
		await page.getByTestId('why').waitFor();
		await page.keyboard.press('Escape');
		await page.getByTestId('why').waitFor({ state: 'detached' });
		await row.getByRole('link').focus();
		await page.keyboard.press('Shift+F10');
		await page.getByRole('menuitem', { name: t('clients_why'), exact: true }).waitFor();
		await page.context().close();
	});

	await test('an absence is recorded by its proposed plan, shows on the other device, and ends early', async () => {
		const page = await openPage(browser, desk, 1440);
		await page.goto(desk.at(`/team/${rep.user}`));
		await page.getByRole('button', { name: t('absence_record'), exact: true }).click();
		const sheet = page.getByRole('dialog');
		await sheet.getByLabel(t('absence_open')).check();
		await sheet.getByLabel(t('absence_everything_to')).selectOption({ label: supervisor.name });
		await sheet.getByRole('button', { name: t('absence_confirm'), exact: true }).click();
		await sheet.waitFor({ state: 'detached' });
		const line = page.locator('[data-stage=running]').first();
		await line.waitFor();
		assert.ok((await line.innerText()).includes(supervisor.name), await line.innerText());
		await phone.until('the absent person is told', async () =>
			(await phone.command('notices')).some(({ what }) => what === 'others_stand_in')
		);
		const { cover } = await phone.command('client_card', { client: card.id });
		assert.equal(cover?.substitute?.name, supervisor.name);
		await line.getByRole('button', { name: t('absence_end'), exact: true }).click();
		await page.locator('[data-stage=over]').first().waitFor();
		await phone.until('the absent person is back', async () =>
			(await phone.command('notices')).some(({ what }) => what === 'you_are_back')
		);
		await page.context().close();
	});

	await test('a client is moved after a rehearsal and comes back by Undo', async () => {
		const page = await openPage(browser, desk, 1440);
		const total = async () => (await phone.command('list', { kind: 'client', scope: 'mine', limit: 1 })).total;
		const before = await total();
		const state = {
			path: `/team/${rep.user}`,
			shows: () => page.locator('[data-index] input[type=checkbox]').first()
		};
		await page.goto(desk.at(state.path));
		await page.locator('[data-index="0"]').hover();
		await page.locator('[data-index="0"] input[type=checkbox]').click();
		await page.getByRole('button', { name: t('orders_confirm'), exact: true }).click();
		const sheet = page.getByRole('dialog');
		await sheet.getByRole('radiogroup').locator('label').filter({ hasText: supervisor.name }).click();
		await sheet.getByRole('button', { name: t('orders_reason_holiday'), exact: true }).click();
		await sheet.getByText(rep.name).waitFor();
		await sheet.getByRole('button', { name: t('orders_confirm'), exact: true }).click();
		await sheet.waitFor({ state: 'detached' });
		const undo = page.getByRole('button', { name: t('common_undo'), exact: true });
		await undo.waitFor();
		await phone.until('the client has left', async () => (await total()) === before - 1);
		await undo.click();
		await page.getByText(t('orders_said_taken_back'), { exact: true }).waitFor();
		await phone.until('the client is back', async () => (await total()) === before);
		await page.context().close();
	});

	await test('a client is found by part of its name as one types', async () => {
		const page = await openPage(browser, phone, 360);
		await show(page, phone, { path: '/clients', shows: () => page.locator('[data-index] a').first() });
		await page.getByRole('button', { name: t('frame_search'), exact: true }).tap();
		const words = disputed.title
			.replace(/[«»"]/g, ' ')
			.split(/\s+/)
			.filter((word) => word.length > 3);
		await page.getByRole('combobox').pressSequentially(words.at(-1).slice(0, 5).toLowerCase());
		await page.getByRole('option').filter({ hasText: disputed.title }).first().click();
		await page.getByRole('heading', { level: 1, name: disputed.title }).filter({ visible: true }).waitFor();
		await page.context().close();
	});

	await test('language and look change at once and stay', async () => {
		const page = await openPage(browser, phone, 768);
		await page.goto(phone.at('/settings'));
		await page.getByRole('radio', { name: t('settings_language_uk') }).click();
		await page.locator('html[lang=uk]').waitFor({ state: 'attached' });
		await page.getByRole('heading', { level: 1, name: 'Налаштування' }).waitFor();
		await page.getByRole('radio', { name: t('settings_language_ru') }).click();
		await page.getByRole('radio', { name: t('settings_theme_dark') }).click();
		await page.locator('html[data-theme=dark]').waitFor({ state: 'attached' });
		await page.reload();
		await page.locator('html[data-theme=dark][lang=ru]').waitFor({ state: 'attached' });
		await phone.command('change_settings', { theme: 'light' });
		await page.locator('html[data-theme=light]').waitFor({ state: 'attached' });
		await page.context().close();
	});

	await test('a planned interaction is handed over and stands in the new person’s Today', async () => {
		const page = await openPage(browser, desk, 1440);
		await page.goto(desk.at(`/team/${rep.user}?list=interactions`));
		const line = page.getByTestId('planned').locator('li').first();
		const client = await line.getByRole('link').innerText();
		await line.getByRole('button', { name: t('team_hand_over'), exact: true }).click();
		const sheet = page.getByRole('dialog');
		await sheet.getByRole('radiogroup').locator('label').filter({ hasText: supervisor.name }).click();
		await sheet.getByLabel(t('orders_comment')).fill('Возьми, пожалуйста, я в отпуске');
		await sheet.getByRole('button', { name: t('orders_confirm'), exact: true }).click();
		await sheet.waitFor({ state: 'detached' });
		await desk.until('it is handed over', async () => {
			const [order] = await desk.command('orders');
			return order.order.order === 'redirect_interaction' && order.state === 'applied';
		});
		await page.goto(desk.at('/'));
		await page.locator('main').getByRole('link', { name: client }).first().waitFor();
		await page.context().close();
	});

	await test('a device that is shut out says so', async () => {
		const page = await openPage(browser, desk, 1440);
		const other = await openPage(browser, laptop, 1440);
		await page.goto(desk.at('/devices'));
		await page.getByRole('button', { name: `${t('devices_revoke')}: laptop`, exact: true }).click();
		await page
			.getByRole('dialog')
			.getByRole('button', { name: t('devices_revoke'), exact: true })
			.click();
		await page.getByText(t('devices_revoked_list')).waitFor();
		await laptop.until('it is told', async () => (await laptop.command('status')).phase === 'revoked');
		await other.getByRole('heading', { name: t('welcome_revoked_title') }).waitFor();
		await page.context().close();
		await other.context().close();
	});
}
