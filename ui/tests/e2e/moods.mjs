// Screens while they wait, with nothing to show, and when asking failed.
import { t } from './words.mjs';

const none = { today: () => ({ overdue: [], current: [], planned: [], n_planned: 0, forgotten: [], covers: [] }) };
const noRows = { list: (said) => ({ ...said, rows: [], total: 0 }) };
const nothing = (command) => ({ [command]: () => [] });
/** Rows of the page's own kind only: what else is asked for is as it is. */
const noneOf = (kind) => ({
	list: (said, asked) => (asked.kind === kind ? { ...said, rows: [], total: 0 } : said)
});

/** Waiting and failing screens, by page and the command it asks. */
const asking = ({ card }) => [
	['today', 'phone', '/', 'today'],
	['clients', 'phone', '/clients', 'list'],
	['interactions', 'phone', '/interactions', 'list'],
	['card', 'phone', `/clients/${card.id}`, 'client_card'],
	['review', 'phone', '/review', 'reviews'],
	['receipts', 'phone', '/receipts', 'receipts'],
	['notices', 'phone', '/notices', 'notices'],
	['trash', 'phone', '/trash', 'trash_bin'],
	['devices', 'desk', '/devices', 'devices'],
	['team', 'desk', '/team', 'team'],
	['absences', 'desk', '/team/absences', 'absences'],
	['orders', 'desk', '/team/orders', 'orders'],
	['proposals', 'desk', '/proposals', 'proposals']
];

/** States that stand a moment, on every device sooner or later, and seldom when somebody looks. */
export function moods(places) {
	const title = (page) => page.getByText(t('common_failed_title')).first();
	const skeleton = (page) => page.getByRole('status', { name: t('common_loading') }).first();
	const said = (key) => (page) => page.getByText(t(key), { exact: true }).first();
	const empty = (name, device, path, answers, shows) => ({ name: `${name}, empty`, device, path, answers, shows });
	return [
		...asking(places).flatMap(([name, device, path, command]) => [
			{ name: `${name}, loading`, device, path, answers: { [command]: 'waits' }, shows: skeleton },
			{ name: `${name}, failed`, device, path, answers: { [command]: 'fails' }, shows: title }
		]),
		empty('today', 'phone', '/', none, said('today_empty')),
		empty('clients', 'phone', '/clients', noneOf('client'), said('clients_empty')),
		empty('interactions', 'phone', '/interactions?view=all', noneOf('interaction'), said('interaction_list_empty')),
		empty('list', 'phone', '/list/person', noRows, said('list_empty')),
		empty('review', 'phone', '/review', nothing('reviews'), said('review_empty')),
		empty('notices', 'phone', '/notices', nothing('notices'), said('notices_empty')),
		empty('trash', 'phone', '/trash', { trash_bin: (said) => ({ ...said, rows: [], total: 0 }) }, said('trash_empty')),
		empty('team', 'desk', '/team', nothing('team'), said('team_empty')),
		empty('absences', 'desk', '/team/absences', nothing('absences'), said('absence_empty')),
		empty('orders', 'desk', '/team/orders', nothing('orders'), said('orders_empty')),
		empty('proposals', 'desk', '/proposals', nothing('proposals'), said('proposals_empty'))
	];
}
