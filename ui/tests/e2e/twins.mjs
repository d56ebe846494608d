// Clients made twice: the supervisor's list of pairs, the hint on a card and in the form, merging and telling apart.
import assert from 'node:assert/strict';
import { openPage } from './browser.mjs';
import { t } from './words.mjs';

const dialog = (page) => page.getByRole('dialog').filter({ visible: true }).first();
const named = (page, role, name) => page.getByRole(role, { name }).filter({ visible: true }).first();
const pairsOf = async (device) => (await device.command('twins')).pairs;
const about = (pair, name) => pair.one.client.title === name || pair.other.client.title === name;

/** The same client made by the rep and by his supervisor, in two spellings of one phone. */
async function twice({ phone, desk }, name, number) {
	const made = async (device, title, value) => {
		const client = {
			name: title,
			city: 'Псков',
			phones: [{ entry: null, value, label: '', title: '', removed: false }]
		};
		const { id } = await device.command('create_client', { client, legal_entity: {} });
		await device.synced();
		return id;
	};
	const ids = [
		await made(phone, `ООО «${name}»`, `8 (912) ${number}`),
		await made(desk, `${name} Маркет`, `+7 912 ${number}`)
	];
	await desk.until(`${name} is flagged`, async () =>
		(await pairsOf(desk)).some((pair) => about(pair, `${name} Маркет`))
	);
	return ids;
}

/** States of the list, the card and the form. */
export async function twinStates(places) {
	const [, second] = await twice(places, 'Двойня', '345-67-89');
	return [
		{ name: 'made twice', device: 'desk', path: '/twins', shows: (page) => page.getByTestId('twins') },
		{
			name: 'made twice, nothing',
			device: 'desk',
			path: '/twins',
			answers: { twins: () => ({ total: 0, pairs: [] }) },
			shows: (page) => page.getByText(t('twins_none'))
		},
		{
			name: 'made twice, failed',
			device: 'desk',
			path: '/twins',
			answers: { twins: 'fails' },
			shows: (page) => page.getByText(t('common_failed_title'))
		},
		{
			name: 'made twice, waiting',
			device: 'desk',
			path: '/twins',
			answers: { twins: 'waits' },
			shows: (page) => page.getByRole('status', { name: t('common_loading') }).first()
		},
		{
			name: 'card of a client made twice',
			device: 'desk',
			path: `/clients/${second}`,
			shows: (page) => page.getByTestId('alike')
		},
		{
			name: 'new client like another',
			device: 'desk',
			path: '/clients/new?name=%D0%94%D0%B2%D0%BE%D0%B9%D0%BD%D1%8F&phone=89123456789',
			shows: (page) => page.getByTestId('similar')
		}
	];
}

/** What people do about clients made twice. */
export async function twinJourneys({ browser, story, test }) {
	const { desk } = story;
	await test('a pair is told apart, and that is taken back', async () => {
		await twice(story, 'Близнец', '111-22-33');
		const page = await openPage(browser, desk, 1440);
		await page.goto(desk.at('/twins'));
		const names = (await pairsOf(desk)).find((pair) => about(pair, 'Близнец Маркет'));
		const both = { one: names.one.client.title, other: names.other.client.title };
		const waiting = (await desk.command('status')).n_twins;
		await named(page, 'button', t('twins_apart_one', both)).click();
		await named(page, 'button', t('twins_apart_one', both)).waitFor({ state: 'detached' });
		assert.equal((await desk.command('status')).n_twins, waiting - 1);
		await named(page, 'button', t('common_undo')).click();
		await named(page, 'button', t('twins_apart_one', both)).waitFor();
		await page.context().close();
	});

	await test('a pair is merged from the list', async () => {
		const ids = await twice(story, 'Ровня', '222-33-44');
		const page = await openPage(browser, desk, 1440);
		await page.goto(desk.at('/twins'));
		const found = (await pairsOf(desk)).find((pair) => about(pair, 'Ровня Маркет'));
		const both = { one: found.one.client.title, other: found.other.client.title };
		await named(page, 'button', t('twins_merge_one', both)).click();
		await dialog(page)
			.getByRole('button', { name: t('merge_confirm'), exact: true })
			.click();
		await named(page, 'button', t('twins_merge_one', both)).waitFor({ state: 'detached' });
		await desk.until('they are one', async () => {
			const cards = await Promise.all(ids.map((id) => desk.command('record', { kind: 'client', id })));
			return cards.some(({ merged }) => merged.length === 1);
		});
		await page.context().close();
	});

	await test('what is typed of a client there is already is made one with him', async () => {
		const page = await openPage(browser, desk, 360);
		const client = {
			name: 'Пара',
			phones: [{ entry: null, value: '+7 912 333-44-55', label: '', title: '', removed: false }]
		};
		const { id } = await desk.command('create_client', { client, legal_entity: {} });
		await desk.synced();
		await page.goto(desk.at('/clients/new?phone=89123334455'));
		await named(page, 'button', t('twins_save_merge_one', { name: 'Пара' })).click();
		await dialog(page)
			.getByRole('button', { name: t('merge_confirm'), exact: true })
			.click();
		await page.waitForURL((url) => url.pathname === `/clients/${id}`);
		await desk.until(
			'they are one',
			async () => (await desk.command('record', { kind: 'client', id })).merged.length === 1
		);
		await page.context().close();
	});
}
