// Named states of the screens: whose device, where, and what to do there first.
import { t } from './words.mjs';

const button = (page, key) =>
	page
		.getByRole('button', { name: t(key), exact: true })
		.filter({ visible: true })
		.first();
const dialog = (page) => page.getByRole('dialog').filter({ visible: true }).first();

/** States with the server in reach. */
export function connected({ card, disputed, rep }) {
	const begins = (page, key, name = '') => page.locator(`button[aria-label^="${t(key, { name })}"]`).first();
	const closed = (name, status) => ({
		name,
		device: 'laptop',
		path: '/',
		status,
		shows: (page) => page.locator('h1').first()
	});
	return [
		closed('lease over', { phase: 'lease_over', lease_days: 30, sync: { n_waiting: 3, last_error: '' } }),
		closed('lease over, signed out', { phase: 'lease_over', lease_days: 30, sync: { last_error: 'signed_out' } }),
		closed('wiped', { phase: 'wiped' }),
		closed('revoked', { phase: 'revoked' }),
		closed('damaged', { phase: 'damaged' }),
		closed('key missing', { phase: 'key_missing' }),
		closed('passphrase', { phase: 'passphrase' }),
		{
			name: 'revoke sheet',
			device: 'desk',
			path: '/devices',
			act: (page) => begins(page, 'devices_revoke').click(),
			shows: (page) => dialog(page).getByText(t('devices_revoke_self'))
		},
		{
			name: 'revoke sheet with the data',
			device: 'desk',
			path: '/devices',
			async act(page) {
				await begins(page, 'devices_revoke').click();
				await dialog(page).getByRole('checkbox').first().check();
			},
			shows: (page) => dialog(page).getByText(t('devices_rescue_hint'))
		},
		{
			name: 'erasure dialog',
			device: 'admin',
			path: `/clients/${card.id}`,
			async act(page) {
				await begins(page, 'client_person_edit').click();
				await button(page, 'client_erase').click();
			},
			shows: (page) => page.getByText(t('client_erase_what'))
		},
		{
			name: 'guarded dismissal',
			device: 'desk',
			path: '/team/absences',
			act: (page) => button(page, 'absence_finish').click(),
			shows: (page) => dialog(page).getByText(t('absence_finish_missing'))
		},
		{ name: 'welcome', device: 'fresh', path: '/', shows: (page) => page.getByLabel(t('welcome_link')) },
		{ name: 'today', device: 'phone', path: '/', shows: (page) => page.getByRole('heading', { level: 2 }).first() },
		{ name: 'notices', device: 'phone', path: '/notices', shows: (page) => page.getByTestId('notices') },
		{ name: 'clients', device: 'phone', path: '/clients', shows: (page) => page.locator('[data-index] a').first() },
		{
			name: 'card',
			device: 'phone',
			path: `/clients/${card.id}`,
			shows: (page) => page.locator('[data-facts]').first()
		},
		{
			name: 'quick sheet',
			device: 'phone',
			path: `/clients/${card.id}`,
			async act(page) {
				await button(page, 'client_log').click();
			},
			shows: (page) => dialog(page).getByText(t('interaction_outcome'))
		},
		{
			name: 'search',
			device: 'phone',
			path: '/clients',
			async act(page) {
				await page.locator('[data-index] a').first().waitFor();
				await page.keyboard.press('Control+k');
				await page.getByRole('combobox').last().fill(disputed.title.replace(/[«»]/g, '').slice(0, 8));
			},
			shows: (page) => page.getByRole('option').first()
		},
		{
			name: 'interactions',
			device: 'phone',
			path: '/interactions',
			shows: (page) => page.locator('main a[href^="/clients/"]').first()
		},
		{ name: 'review', device: 'phone', path: '/review', shows: (page) => page.getByTestId('values') },
		{ name: 'receipts', device: 'phone', path: '/receipts', shows: (page) => page.getByTestId('receipts') },
		{ name: 'trash', device: 'phone', path: '/trash', shows: (page) => page.getByRole('heading', { level: 1 }) },
		{
			name: 'history of a card',
			device: 'phone',
			path: `/clients/${disputed.id}`,
			async act(page) {
				await button(page, 'client_more').click();
				await page.getByRole('menuitem', { name: t('history_open') }).click();
				await page.getByRole('menu').waitFor({ state: 'detached' });
			},
			shows: (page) => dialog(page).getByTestId('history')
		},
		{
			name: 'a card as it was',
			device: 'phone',
			path: `/clients/${disputed.id}`,
			async act(page) {
				await button(page, 'client_more').click();
				await page.getByRole('menuitem', { name: t('history_open') }).click();
				await page.getByRole('menu').waitFor({ state: 'detached' });
				await dialog(page)
					.getByRole('button', { name: t('history_then') })
					.last()
					.click();
			},
			shows: (page) => dialog(page).locator('[data-then]').first()
		},
		{
			name: 'why a client is seen',
			device: 'desk',
			path: `/clients/${card.id}`,
			async act(page) {
				await button(page, 'client_more').click();
				await page.getByRole('menuitem', { name: t('client_why') }).click();
				await page.getByRole('menu').waitFor({ state: 'detached' });
				// Or the pointer rests on something with a hint, which is a state of its own.
				await page.mouse.move(0, 0);
			},
			shows: (page) => dialog(page).getByTestId('why')
		},
		{
			name: 'settings',
			device: 'phone',
			path: '/settings',
			shows: (page) => page.getByRole('heading', { level: 2 }).first()
		},
		{
			name: 'device looked over',
			device: 'phone',
			path: '/settings',
			act: (page) => button(page, 'settings_check_start').click(),
			shows: (page) => page.getByText(t('settings_check_well'))
		},
		{ name: 'devices', device: 'desk', path: '/devices', shows: (page) => page.locator('[data-device]').first() },
		{ name: 'team', device: 'desk', path: '/team', shows: (page) => page.getByTestId('team') },
		{
			name: 'person',
			device: 'desk',
			path: `/team/${rep.user}?list=interactions`,
			shows: (page) => page.getByTestId('planned')
		},
		{
			name: 'move sheet',
			device: 'desk',
			path: `/team/${rep.user}`,
			async act(page) {
				await button(page, 'team_move_all').click();
				await dialog(page).getByRole('radiogroup').locator('label').first().click();
			},
			shows: (page) => dialog(page).getByText(t('orders_plan_clients'))
		},
		{
			name: 'absence sheet',
			device: 'desk',
			path: `/team/${rep.user}`,
			async act(page) {
				await button(page, 'absence_record').click();
			},
			shows: (page) => dialog(page).getByRole('listitem').first()
		},
		{
			name: 'absences',
			device: 'desk',
			path: '/team/absences',
			shows: (page) => button(page, 'absence_finish')
		},
		{ name: 'orders', device: 'desk', path: '/team/orders', shows: (page) => page.getByTestId('orders') },
		{ name: 'proposals', device: 'desk', path: '/proposals', shows: (page) => page.getByTestId('proposals') },
		{
			name: 'picking values',
			device: 'desk',
			path: '/proposals',
			async act(page) {
				await button(page, 'proposals_pick').click();
				await page.getByTestId('proposals').getByRole('checkbox').nth(1).check();
			},
			shows: (page) => page.getByText(t('proposals_pick_note'))
		},
		{
			name: 'receipts of somebody without any',
			device: 'desk',
			path: '/receipts',
			shows: (page) => page.getByText(t('receipts_empty'))
		}
	];
}

/** States without it; something waits to be sent. */
export function offline({ rep }) {
	return [
		{ name: 'offline', device: 'phone', path: '/', shows: (page) => page.getByRole('heading', { level: 2 }).first() },
		{
			name: 'sync page',
			device: 'phone',
			path: '/sync',
			shows: (page) => page.locator('[data-waiting=not_sent]').first()
		},
		{
			name: 'sync panel',
			device: 'phone',
			path: '/clients',
			from: 768,
			async act(page) {
				await page.locator('header, main').first().waitFor();
				await page
					.locator('button[aria-haspopup=dialog]')
					.filter({ hasText: t('frame_sync_offline') })
					.click();
			},
			shows: (page) => page.getByTestId('sync-panel').locator('[data-waiting=not_sent]').first()
		},
		{
			name: 'hand-over sheet offline',
			device: 'desk',
			path: `/team/${rep.user}?list=interactions`,
			async act(page) {
				await button(page, 'team_hand_over').click();
				await dialog(page).getByRole('radiogroup').locator('label').first().click();
			},
			shows: (page) => dialog(page).getByText(t('orders_plan_as_of', { moment: '|' }).split('|')[0].trim())
		}
	];
}
