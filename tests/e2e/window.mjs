// The real window, through its web view's own driver: it enrols, edits, a second device reads the edit; the key comes
// from the key store; without one it says so and makes no new database. scripts/window starts it with all it needs.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test as fact } from 'node:test';
import { startEmptyBus, startKeyring } from './keys.mjs';
import { office, program, start, startDevice, target } from './processes.mjs';
import { openWindow, until } from './webdriver.mjs';

const PASSWORD = 'пароль для проверки';
const CLIENT = 'Хлебозавод «Колос»';
const CITY = 'Чернигов';
const ENTER = '\uE007';

let folder, data, server, keyring, device, window, client;
const stopped = [];

before(async () => {
	folder = await mkdtemp(join(tmpdir(), 'satchel-window-'));
	data = join(folder, 'window');
	await mkdir(data);
	keyring = await startKeyring();
	const office_ = join(folder, 'server');
	await office(office_, 'init', '--name', 'Проверка', '--language', 'ru', '--department', 'Север', '--admin', 'Админ');
	server = await start('satchel-server', ['serve', '--data', office_, '--listen', '127.0.0.1:0']);
});

/** A test that leaves a picture of the window behind where it fails. */
function test(name, body) {
	fact(name, { timeout: 180_000 }, async () => {
		try {
			await body();
		} catch (error) {
			const picture = await window?.picture().catch(() => null);
			if (picture) await writeFile(join(target, `window: ${name}.png`), picture);
			throw error;
		}
	});
}

after(async () => {
	await window?.close();
	await device?.stop();
	await server?.stop();
	for (const one of stopped) await one.stop();
	await keyring?.stop();
	await rm(folder, { recursive: true, force: true });
});

/** Opens the window on its data folder; English, so that the test finds its words. */
async function open(extra = {}) {
	const env = { ...process.env, SATCHEL_DATA: data, LANG: 'C.UTF-8', ...extra };
	delete env.SATCHEL_PASSPHRASE;
	await window?.close();
	window = await openWindow(program('satchel-app'), env);
}

async function close() {
	await window.close();
	window = undefined;
}

const field = (label) => `//label[contains(normalize-space(.), "${label}")]/following::input[1]`;
const button = (words) => `//button[contains(normalize-space(.), "${words}")]`;

async function invitation() {
	const office_ = join(folder, 'server');
	const rep = await office(office_, 'user', 'add', '--name', 'Анна', '--role', 'rep', '--department', 'Север');
	return (await office(office_, 'user', 'invite', rep.id, '--url', server.url)).link;
}

test('the window enrols with a link, and needs no passphrase where there is a key store', async () => {
	const link = await invitation();
	await open();
	await window.fill(field('Link from your office'), link);
	await window.fill(field('Password'), PASSWORD);
	await window.click(button('Connect'));
	await window.click(`${button('Start working')}[not(@disabled)]`);
	await until('the start screen', async () => /Today/.test(await window.text()));
	assert.equal((await window.command('status')).phase, 'ready');
	const names = await readdir(data);
	assert.ok(!names.some((name) => name.endsWith('.key')), `no wrapped key lies beside the database: ${names}`);
	const file = await readFile(join(data, names.find((name) => name.endsWith('.satchel'))));
	assert.notEqual(file.subarray(0, 15).toString('latin1'), 'SQLite format 3');
});

test('an edit made in the window is read from a second device', async () => {
	device = await startDevice(join(folder, 'second'), 'парольная фраза');
	const { link } = await window.command('add_device');
	await device.command('enrol', { link, password: PASSWORD, device_name: 'Второе' });
	client = (await device.command('create_client', { client: { name: CLIENT } })).id;
	await device.command('sync_now');

	await until('the client in the window', async () => {
		await window.command('sync_now');
		const page = await window.command('list', { kind: 'client', limit: 10 });
		return page.rows.some((row) => row.id === client);
	});
	await window.click('//a[contains(., "Clients")]');
	await window.click(`//a[contains(., "${CLIENT}")]`);
	await window.click('//button[starts-with(@aria-label, "Change: City")]');
	const input = 'input[aria-label="City"]';
	await window.fill(input, CITY);
	await window.press(ENTER);
	await until('the edit on the page', async () => (await window.text()).includes(CITY));

	await until('the edit on the second device', async () => {
		await device.command('sync_now');
		return (await device.command('record', { kind: 'client', id: client })).fields.city === CITY;
	});
});

test('started again, it opens with the key from the key store', async () => {
	await close();
	await open();
	await until('the start screen', async () => /Today/.test(await window.text()));
	assert.equal((await window.command('record', { kind: 'client', id: client })).fields.city, CITY);
	await close();
});

test('without a key store it says so and makes no new database', async () => {
	const before = await fingerprints(data);
	const bus = await startEmptyBus(folder);
	stopped.push(bus);
	await open({ DBUS_SESSION_BUS_ADDRESS: bus.address });
	await until('the words for it', async () => /key to your data is missing/.test(await window.text()));
	assert.equal((await window.command('status')).phase, 'key_missing');
	await window.click(button('Try again'));
	await until('the words for it, again', async () => /key to your data is missing/.test(await window.text()));
	await close();
	assert.deepEqual(await fingerprints(data), before, 'nothing in the data folder has changed');

	await open();
	await until('the start screen', async () => /Today/.test(await window.text()));
	assert.equal((await window.command('record', { kind: 'client', id: client })).fields.city, CITY);
});

/** What lies in a folder, by content; the web view keeps nothing there. */
async function fingerprints(dir) {
	const names = (await readdir(dir)).filter((name) => !name.endsWith('.lock')).sort();
	const digest = async (name) => createHash('sha256').update(await readFile(join(dir, name))).digest('hex');
	return Promise.all(names.map(async (name) => [name, await digest(name)]));
}
