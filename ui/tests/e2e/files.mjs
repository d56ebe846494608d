// Files in and out in a browser: their states for axe.
import { t } from './words.mjs';

const table = `Наименование;ИНН;Город;Контактное лицо;Телефон;Заметка для себя
ООО «Ромашка»;7707083893;Москва;Иванов Иван Петрович;8 (495) 123-45-67;через секретаря
Лютик;1,23E+11;Казань;;;
Василёк;;Полтава;Сидорова Анна Львовна;+380 50 111 22 33;
`;
const button = (page, key) =>
	page
		.getByRole('button', { name: t(key), exact: true })
		.filter({ visible: true })
		.first();
const dialog = (page) => page.getByRole('dialog').filter({ visible: true }).first();
const row = (page) => page.locator('[data-index] a').first();

/** Leaves a file in each phase, one that was not written yet per device, and tells where. */
export async function openedFiles({ phone, laptop }) {
	const bytes = Buffer.from(table);
	const hand = async (device) => {
		const file = { name: 'Клиенты из 1С.csv', kind: 'client', bytes: bytes.length };
		const { import: id } = await device.command('import_open', file);
		await device.command('import_piece', { import: id, n: 0, base64: bytes.toString('base64') });
		return id;
	};
	const reach = (device, id, phase) =>
		device.until(phase, async () => (await device.command('import_state', { import: id })).phase === phase);
	const tried = async (device) => {
		const id = await hand(device);
		const { reading, columns } = await device.command('import_look', { import: id, country: 'ru' });
		const plan = { columns: columns.map(({ target }) => target), match_by: ['tax'], defaults: [], zone: 'Europe/Kyiv' };
		await device.command('import_check', { import: id, reading, mode: 'both', ...plan });
		await reach(device, id, 'checked');
		return id;
	};
	const done = await tried(phone);
	await phone.command('import_run', { import: done });
	await reach(phone, done, 'done');
	return { done, checked: await tried(laptop), opened: await hand(phone) };
}

/** States of files coming in and going out. */
export function fileStates({ opened, checked, done }) {
	const standing = (name, device, id, shows) => ({ name, device, path: `/import?import=${id}`, shows });
	return [
		{
			name: 'file to choose',
			device: 'phone',
			path: '/import?kind=client',
			shows: (page) => page.getByText(t('import_history'), { exact: true })
		},
		standing('columns of a file', 'phone', opened, (page) => page.getByTestId('columns').getByRole('combobox').first()),
		standing('file on trial', 'laptop', checked, (page) => page.getByTestId('rejects').getByRole('listitem').first()),
		standing('file imported', 'phone', done, (page) => button(page, 'import_undo')),
		{
			name: 'list as a file',
			device: 'phone',
			path: '/clients',
			async act(page) {
				await row(page).waitFor();
				const folded = page.getByRole('button', { name: t('list_tools'), exact: true }).filter({ visible: true });
				if ((await folded.count()) > 0 && (await folded.getAttribute('aria-expanded')) !== 'true') await folded.click();
				await button(page, 'export_open').click();
				await page.mouse.move(0, 0);
			},
			shows: (page) => dialog(page).getByRole('combobox').first()
		}
	];
}
