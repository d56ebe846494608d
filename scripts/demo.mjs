// What scripts/demo starts once everything is built: a server, its made-up organisation, three enrolled devices.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const [shell, target] = process.argv.slice(2);
const run = promisify(execFile);
const program = (name) => resolve(target, 'debug', name);
const folder = await mkdtemp(join(tmpdir(), 'satchel-demo-'));
const office = join(folder, 'server');
const PASSPHRASE = 'only for the demo';
const children = [];

let ending = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(0));

try {
	const listen = `127.0.0.1:${await freePort()}`;
	const people = await organisation(`http://${listen}`);
	const serve = () => start('the server', program('satchel-server'), ['serve', '--data', office, '--listen', listen]);
	let server = await serve();
	const devices = [];
	for (const [name, person, link] of [
		['phone', people.rep, 0],
		['laptop', people.rep, 1],
		['supervisor', people.supervisor, 0]
	]) {
		devices.push({ ...(await enrolled(name, person, person.links[link])), name, person });
	}
	if (shell === 'window') await openWindows(devices);
	tell(devices, people, server);
	if (shell === 'check') await end(0);
	if (process.stdin.isTTY) {
		for await (const line of createInterface({ input: process.stdin })) {
			if (line.trim() !== 's' || ending) continue;
			if (server) await server.stop();
			server = server ? null : await serve();
			console.log(server ? 'The server is back.' : 'The server is gone. Type s and Enter to bring it back.');
		}
	}
} catch (error) {
	console.error(error);
	await end(1);
}

/** Makes the organisation, with links for those who are played. */
async function organisation(url) {
	console.log('Making an organisation with its clients …');
	const seed = ['--server-data', office, '--server-url', url, '--json'];
	const { stdout } = await run(program('satchel-seed'), seed, { maxBuffer: 64 << 20 });
	return JSON.parse(stdout);
}

/** A device in the browser host, enrolled and in possession of its clients. */
async function enrolled(name, person, link) {
	const device = await host(name);
	const enrol = { link, password: person.password, device_name: name, passphrase: PASSPHRASE };
	await device.command('enrol', enrol);
	const end = Date.now() + 120_000;
	while ((await device.command('status')).sync.state !== 'synced') {
		if (Date.now() > end) throw new Error(`${name} does not get its clients`);
		await device.command('sync_now');
		await new Promise((later) => setTimeout(later, 100));
	}
	const { total } = await device.command('list', { kind: 'client', limit: 1 });
	console.log(`  ${name}: ${person.name}, ${total} clients`);
	if (total === 0) throw new Error(`${name} has no clients`);
	return device;
}

async function host(name) {
	const token = crypto.randomUUID();
	const args = ['--data', join(folder, name), '--listen', '127.0.0.1:0', '--no-keystore'];
	const env = { SATCHEL_TOKEN: token, SATCHEL_PASSPHRASE: PASSPHRASE };
	const started = await start(name, program('satchel-devhost'), args, env);
	return {
		...started,
		address: `${started.url}/?token=${token}`,
		async command(command, argument = {}) {
			const answer = await fetch(`${started.url}/ipc/${command}`, {
				method: 'POST',
				headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
				body: JSON.stringify(argument)
			});
			const value = await answer.json();
			if (!answer.ok) throw new Error(`${name}: ${command}: ${JSON.stringify(value)}`);
			return value;
		}
	};
}

/** Gives each enrolled folder to a window; the phone's is as wide as a phone. */
async function openWindows(devices) {
	for (const device of devices) {
		await device.stop();
		const size = device.name === 'phone' ? '390x800' : '1280x820';
		const env = { SATCHEL_DATA: join(folder, device.name), SATCHEL_PASSPHRASE: PASSPHRASE, SATCHEL_NO_KEYSTORE: '1' };
		const child = spawn(program('satchel-app'), [], { env: { ...process.env, ...env, SATCHEL_WINDOW: size }, stdio: 'inherit' });
		const gone = new Promise((done) => child.once('exit', done));
		children.push({ child, gone });
		gone.then(() => {
			device.closed = true;
			if (!ending && devices.every((other) => other.closed)) end(0);
		});
	}
}

function tell(devices, { rep, supervisor }, server) {
	const [phone, laptop, desk] = devices;
	const where = (device) => (shell === 'window' ? 'its window' : device.address);
	console.log(`
The server listens at ${server.url}. Three devices are enrolled (password: ${rep.password}):

  ${rep.name}, phone      ${where(phone)}
  ${rep.name}, laptop     ${where(laptop)}
  ${supervisor.name}, supervisor  ${where(desk)}

Try this:
  1. On the phone find a client by a part of its name or number, call it, log the call. The laptop has it a moment later.
  2. Type s and Enter here: the server is gone. Go on working: edit one field of a client on phone and laptop, each
     to something else. Type s and Enter again: both edits are there, and the card asks which one holds.
  3. As the supervisor open the team, move a client of ${rep.name} to a colleague, look at the preview, confirm. It leaves
     the phone with a message why. Undo brings it back.
  4. Language and dark colours are in the settings.

${shell === 'window' ? 'Closing the three windows or Ctrl-C' : 'Ctrl-C'} ends everything and removes its data.`);
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

/** Starts a program that says in one JSON line where it listens. */
async function start(name, path, args, env = {}) {
	const child = spawn(path, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
	let said = '';
	child.stderr.on('data', (bytes) => (said = (said + bytes).slice(-4000)));
	const gone = new Promise((done) => child.once('exit', done));
	const entry = { child, gone };
	children.push(entry);
	const lines = createInterface({ input: child.stdout });
	const line = await Promise.race([new Promise((done) => lines.once('line', done)), gone.then(() => null)]);
	if (line === null) throw new Error(`${name} did not start: ${said}`);
	return { ...JSON.parse(line), stop: () => stop(entry) };
}

async function stop({ child, gone }) {
	if (child.exitCode !== null || child.signalCode !== null) return;
	child.kill('SIGTERM');
	const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
	await gone;
	clearTimeout(late);
}

/** Ends what was started, devices before the server, and removes the data. */
async function end(code) {
	if (ending) return;
	ending = true;
	for (const entry of children.reverse()) await stop(entry);
	await rm(folder, { recursive: true, force: true });
	process.exit(code);
}
