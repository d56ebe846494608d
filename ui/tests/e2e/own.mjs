// Fields the organisation makes for itself, and the report on contact details: their states for axe, and what people do.
import assert from 'node:assert/strict';
import { openPage } from './browser.mjs';
import { t } from './words.mjs';

const button = (page, name) => page.getByRole('button', { name, exact: true }).filter({ visible: true }).first();
const dialog = (page) => page.getByRole('dialog').filter({ visible: true }).first();
const client = (page) => page.locator('[data-kind="client"]');

/** Opens the form for a new field of clients. */
async function newField(page) {
	await client(page).waitFor();
	await client(page)
		.getByRole('button', { name: new RegExp(`^${t('fields_add')}`) })
		.click();
}

/** States of both. */
export function ownStates() {
	return [
		{ name: 'own fields', device: 'admin', path: '/settings/fields', shows: client },
		{
			name: 'own fields without the right',
			device: 'phone',
			path: '/settings/fields',
			shows: (page) => page.getByText(t('fields_no_right_title'))
		},
		{
			name: 'own fields that cannot be read',
			device: 'admin',
			path: '/settings/fields',
			answers: { list: 'fails' },
			shows: (page) => button(page, t('common_retry'))
		},
		{
			name: 'new field',
			device: 'admin',
			path: '/settings/fields',
			async act(page) {
				await newField(page);
				await dialog(page).getByRole('combobox').first().selectOption('choice');
			},
			shows: (page) => dialog(page).getByLabel(t('fields_value', { n: 1 }), { exact: true })
		},
		{
			name: 'contact details',
			device: 'desk',
			path: '/team/details',
			shows: (page) => page.getByTestId('details').getByRole('button').first()
		},
		{
			name: 'contact details that cannot be read',
			device: 'desk',
			path: '/team/details',
			answers: { details_report: 'fails' },
			shows: (page) => button(page, t('common_retry'))
		},
		{
			name: 'choice of details',
			device: 'desk',
			path: '/team/details',
			act: (page) => button(page, t('details_choose')).click(),
			shows: (page) => dialog(page).getByRole('checkbox').first()
		},
		{
			name: 'clients with gaps',
			device: 'desk',
			path: '/team/details',
			act: (page) => page.getByTestId('details').getByRole('button').first().click(),
			shows: (page) => page.getByTestId('gaps').getByRole('listitem').first()
		}
	];
}

/** What people do there. */
export async function ownJourneys({ browser, story, test }) {
	const { admin, card, desk, phone } = story;

	await test('a field made by keyboard alone is on the card and in the list of everybody', async () => {
		const page = await openPage(browser, admin, 1440);
		await page.goto(admin.at('/settings/fields'));
		await client(page).waitFor();
		await client(page)
			.getByRole('button', { name: new RegExp(`^${t('fields_add')}`) })
			.focus();
		await page.keyboard.press('Enter');
		await dialog(page).waitFor();
		await dialog(page).getByRole('textbox').first().focus();
		await page.keyboard.type('Класс обслуживания');
		await page.keyboard.press('Enter');
		await dialog(page).waitFor({ state: 'detached' });
		await client(page).getByText('Класс обслуживания').waitFor();
		await page.context().close();
		await admin.synced();
		const declared = async () => {
			const { kinds } = await phone.command('declarations', { language: 'ru' });
			return kinds.find(({ key }) => key === 'client').fields.find(({ label }) => label === 'Класс обслуживания');
		};
		await phone.until('the field arrives', async () => (await declared()) !== undefined);
		const { key } = await declared();

		const hers = await openPage(browser, phone, 1440);
		await hers.goto(phone.at(`/clients/${card.id}`));
		await button(hers, t('record_facts_more')).click();
		const name = t('record_edit_field', { label: 'Класс обслуживания' });
		await button(hers, name).click();
		await hers.getByRole('textbox', { name: 'Класс обслуживания' }).fill('Золотой');
		await hers.keyboard.press('Enter');
		await button(hers, `${name}: Золотой`).waitFor();
		const filled = { field: key, op: 'is', value: 'Золотой' };
		const asked = { kind: 'client', scope: 'all', conditions: [filled], text: '', sort: [], offset: 0, limit: 5 };
		assert.equal((await phone.command('list', asked)).total, 1);
		await hers.context().close();
	});

	await test('details that are missing are asked for with one tap, shown as asked, and taken back', async () => {
		const page = await openPage(browser, desk, 360);
		await page.goto(desk.at('/team/details'));
		const { right } = await page.locator('[data-value=details]').evaluate((tab) => tab.getBoundingClientRect());
		assert.ok(right <= 360, 'the page one is on is seen among the tabs');
		await page.getByTestId('details').getByRole('button').first().tap();
		const gaps = page.getByTestId('gaps').getByRole('listitem');
		await gaps.first().waitFor();
		const open = () => gaps.getByText(t('details_is_asked'), { exact: true }).count();
		const before = await open();
		await gaps
			.getByRole('button', { name: new RegExp(`^${t('details_ask')}`) })
			.first()
			.tap();
		await page
			.getByRole('button', { name: t('common_undo'), exact: true })
			.first()
			.waitFor();
		await gaps.getByText(t('details_is_asked'), { exact: true }).nth(before).waitFor();
		assert.equal(await open(), before + 1);
		await page
			.getByRole('button', { name: t('common_undo'), exact: true })
			.first()
			.tap();
		await page.getByText(t('details_said_back')).waitFor();
		await gaps.getByText(t('details_is_asked'), { exact: true }).nth(before).waitFor({ state: 'detached' });
		assert.equal(await open(), before);
		await page.context().close();
	});
}
