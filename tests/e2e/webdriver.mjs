// A WebDriver client of what the window's test needs, over fetch: WebKit's own driver starts the program itself.
import { spawn } from 'node:child_process';
import { readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const DRIVER = process.env.WEBKIT_WEBDRIVER ?? '/usr/bin/WebKitWebDriver';

/** A port nobody listens on now. */
export async function freePort() {
	const server = createServer().listen(0, '127.0.0.1');
	await new Promise((ready) => server.once('listening', ready));
	const { port } = server.address();
	await new Promise((closed) => server.close(closed));
	return port;
}

/** Asks `read` until it gives something true; says `what` was awaited where it never does. */
export async function until(what, read, seconds = 30) {
	const end = Date.now() + seconds * 1000;
	let last;
	while (Date.now() < end) {
		try {
			const found = await read();
			if (found) return found;
		} catch (error) {
			last = error;
		}
		await pause(50);
	}
	throw new Error(`waited ${seconds} s for ${what}${last ? `: ${last.message}` : ''}`);
}

/** Starts the driver, lets it open `binary` in its window, and answers the window. */
export async function openWindow(binary, env) {
	const port = await freePort();
	const driver = spawn(DRIVER, [`--port=${port}`, '--host=127.0.0.1'], {
		env: { ...env, TAURI_AUTOMATION: 'true', TAURI_WEBVIEW_AUTOMATION: 'true' },
		stdio: ['ignore', 'ignore', 'inherit']
	});
	const gone = new Promise((done) => driver.once('exit', done));
	const window = new Window(`http://127.0.0.1:${port}`, driver, gone, { binary, data: env.SATCHEL_DATA });
	try {
		await until('the driver', () => fetch(`${window.base}/status`).then((answer) => answer.ok));
		const options = { binary, args: [] };
		const session = await window.ask('POST', '/session', {
			capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } }
		});
		window.session = session.sessionId;
		return window;
	} catch (error) {
		await window.close();
		throw error;
	}
}

class Window {
	constructor(base, driver, gone, program) {
		Object.assign(this, { base, driver, gone, program, session: null });
	}

	async ask(method, path, body) {
		const answer = await fetch(this.base + path, {
			method,
			headers: { 'content-type': 'application/json' },
			body: method === 'POST' ? JSON.stringify(body ?? {}) : undefined,
			signal: AbortSignal.timeout(60_000)
		});
		const { value } = await answer.json();
		if (!answer.ok) throw new Error(`${method} ${path}: ${value?.error}: ${value?.message}`);
		return value;
	}

	#in(path) {
		return `/session/${this.session}${path}`;
	}

	/** The first element of an XPath or CSS selector. */
	async find(selector) {
		const using = /^\(*\.?\//.test(selector) ? 'xpath' : 'css selector';
		const found = await this.ask('POST', this.#in('/element'), { using, value: selector });
		return found[ELEMENT];
	}

	/** Clicks as soon as it can be clicked. */
	async click(selector) {
		await until(`a click on ${selector}`, async () => {
			const element = await this.find(selector);
			await this.ask('POST', this.#in(`/element/${element}/click`));
			return true;
		});
	}

	/** Replaces what stands in a field. */
	async fill(selector, text) {
		const element = await until(`a field ${selector}`, () => this.find(selector));
		await this.ask('POST', this.#in(`/element/${element}/clear`));
		await this.ask('POST', this.#in(`/element/${element}/value`), { text });
	}

	async press(key) {
		const actions = [{ type: 'key', id: 'keys', actions: ['keyDown', 'keyUp'].map((type) => ({ type, value: key })) }];
		await this.ask('POST', this.#in('/actions'), { actions });
	}

	/** Runs a script in the page and answers what it returns. */
	run(script, ...args) {
		return this.ask('POST', this.#in('/execute/sync'), { script, args });
	}

	/** Runs a command of the app as the interface does. */
	async command(command, argument = {}) {
		const [ok, value] = await this.ask('POST', this.#in('/execute/async'), {
			script: `const [command, argument, done] = arguments;
				window.__TAURI_INTERNALS__.invoke('ipc', { command, argument }).then((value) => done([true, value]), (why) => done([false, why]));`,
			args: [command, argument]
		});
		if (!ok) throw new Error(`${command}: ${JSON.stringify(value)}`);
		return value;
	}

	/** The words on the page. */
	text() {
		return this.run('return document.body.innerText');
	}

	address() {
		return this.run('return location.href');
	}

	async picture() {
		return Buffer.from(await this.ask('GET', this.#in('/screenshot')), 'base64');
	}

	/** Closes the window, waits until its program has ended, and ends the driver. */
	async close() {
		const programs = await running(this.program);
		if (this.session) await this.ask('DELETE', this.#in('')).catch(() => {});
		this.session = null;
		// The next window of the same data folder would otherwise find this one and give way to it.
		for (const program of programs) await ended(program);
		this.driver.kill('SIGTERM');
		const late = setTimeout(() => this.driver.kill('SIGKILL'), 5_000);
		await this.gone;
		clearTimeout(late);
	}
}

/** Processes of a program on a data folder; the driver does not stay the parent of what it starts. */
async function running({ binary, data }) {
	const found = [];
	for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
		const exe = await readlink(`/proc/${pid}/exe`).catch(() => '');
		if (exe !== (await realpath(binary))) continue;
		const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
		if (environment.split('\0').includes(`SATCHEL_DATA=${data}`)) found.push(Number(pid));
	}
	return found;
}

/** Waits for a process to end, and ends it by force where it does not by itself. */
async function ended(pid) {
	const alive = async () => {
		const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
		return stat !== '' && !/\) Z /.test(stat);
	};
	try {
		await until(`the end of ${pid}`, async () => !(await alive()), 10);
	} catch {
		process.kill(pid, 'SIGKILL');
	}
}
