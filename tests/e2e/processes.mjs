// Programs of the product as processes of their own, each ended by its own number.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');

/** Folder of what was built. */
export const target = resolve(root, process.env.SATCHEL_TARGET ?? process.env.CARGO_TARGET_DIR ?? 'target');

/** Where a built program is. */
export function program(name) {
	const path = join(target, 'debug', name);
	if (!existsSync(path)) throw new Error(`${path} is not built: scripts/test builds it`);
	return path;
}

/** Starts a program that says in one JSON line where it listens. */
export async function start(name, args, env = {}) {
	const child = spawn(program(name), args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
	const gone = new Promise((done) => child.once('exit', done));
	const lines = createInterface({ input: child.stdout });
	const line = await Promise.race([new Promise((done) => lines.once('line', done)), gone.then(() => null)]);
	if (line === null) throw new Error(`${name} ended before it was ready`);
	return {
		...JSON.parse(line),
		async stop() {
			child.kill('SIGTERM');
			const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
			await gone;
			clearTimeout(late);
		}
	};
}

/** Runs the admin's command line on a server's folder. */
export async function office(data, ...args) {
	const { stdout } = await run(program('satchel-server'), [...args, '--json', '--data', data]);
	return JSON.parse(stdout);
}

/** A device in a browser host, spoken to as a browser does. */
export async function startDevice(data, passphrase) {
	const token = crypto.randomUUID();
	const args = ['--data', data, '--listen', '127.0.0.1:0', '--no-keystore'];
	const host = await start('satchel-devhost', args, { SATCHEL_TOKEN: token, SATCHEL_PASSPHRASE: passphrase });
	return {
		...host,
		async command(name, argument = {}) {
			const answer = await fetch(`${host.url}/ipc/${name}`, {
				method: 'POST',
				headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
				body: JSON.stringify(argument)
			});
			const value = await answer.json();
			if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(value)}`);
			return value;
		}
	};
}
