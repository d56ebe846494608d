// A made-up office on real programs: a server, its seeded organisation, devices in browser hosts.
import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { program, start } from '../../../tests/e2e/processes.mjs';

const run = promisify(execFile);
const passphrase = 'only for these tests';
const ui = resolve(process.env.SATCHEL_UI ?? resolve(import.meta.dirname, '../../build'));

/** Opens an office with an organisation and no device yet. */
export async function openOffice() {
	const folder = await mkdtemp(join(tmpdir(), 'satchel-ui-'));
	const data = join(folder, 'office');
	const listen = `127.0.0.1:${await freePort()}`;
	const seed = ['--server-data', data, '--server-url', `http://${listen}`, '--clients', '240', '--json'];
	const { stdout } = await run(program('satchel-seed'), seed, { maxBuffer: 64 << 20 });
	const running = new Set();
	const serve = () => start('satchel-server', ['serve', '--data', data, '--listen', listen]);
	let server = await serve();

	return {
		people: JSON.parse(stdout),
		/** Takes the server away: every device is offline. */
		async leave() {
			await server?.stop();
			server = null;
		},
		/** Brings it back. */
		async comeBack() {
			server ??= await serve();
		},
		/** Starts a device; with a link it is enrolled and has its records when this answers. */
		async device(name, person = null, link = null) {
			const device = await startDevice(join(folder, name), running);
			if (link === null) return device;
			const words = { link, password: person.password, device_name: name, passphrase };
			await device.command('enrol', words);
			await device.synced();
			return device;
		},
		async close() {
			await Promise.all([...running].map((device) => device.stop()));
			await server?.stop();
			await rm(folder, { recursive: true, force: true });
		}
	};
}

async function startDevice(data, running) {
	const token = crypto.randomUUID();
	const args = ['--data', data, '--listen', '127.0.0.1:0', '--no-keystore', '--ui', ui];
	const host = await start('satchel-devhost', args, { SATCHEL_TOKEN: token, SATCHEL_PASSPHRASE: passphrase });
	const leaving = new AbortController();
	const changes = new EventEmitter();
	const listening = listen(new URL('events', host.url), token, leaving.signal, () => changes.emit('changed'));
	const device = {
		/** The address a person opens; it lets the browser in. */
		address: `${host.url.replace(/\/$/, '')}/?token=${token}`,
		/** Where a page of the app is. */
		at: (path) => new URL(path, host.url).href,
		/** Runs a command as the interface does. */
		async command(name, argument = {}) {
			const answer = await fetch(new URL(`ipc/${name}`, host.url), {
				method: 'POST',
				headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
				body: JSON.stringify(argument)
			});
			const value = await answer.json();
			if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(value)}`);
			return value;
		},
		/** Waits until `done` holds: asks after each change the device tells of, and now and then for a sync. */
		async until(what, done, limit = 60_000) {
			const end = Date.now() + limit;
			for (;;) {
				if (await done()) return;
				if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
				await device.command('sync_now');
				await once(changes, 'changed', { signal: AbortSignal.timeout(300) }).catch(() => {});
			}
		},
		/** Waits until the server has all this device has. */
		async synced() {
			await device.until('everything is sent and received', async () => {
				const { sync } = await device.command('status');
				return sync.state === 'synced' && sync.n_waiting === 0;
			});
		},
		/** Ends the process; its folder stays. */
		async stop() {
			running.delete(device);
			leaving.abort();
			await listening;
			await host.stop();
		}
	};
	running.add(device);
	return device;
}

/** Calls `onchange` for every change the host tells of, until told to leave. */
async function listen(url, token, signal, onchange) {
	try {
		const { body } = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal });
		for await (const _ of body) onchange();
	} catch (cause) {
		if (!signal.aborted) throw cause;
	}
}

/** A port nobody listens on now: the links need the address before the server runs. */
async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address();
	server.close();
	await once(server, 'close');
	return port;
}
