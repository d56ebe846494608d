// A key store of the test's own, and a bus that has none.
import { execFile, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { until } from './webdriver.mjs';

const run = promisify(execFile);

/** Starts gnome-keyring on this session's bus with an unlocked, empty collection. */
export async function startKeyring() {
	const daemon = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
		stdio: ['pipe', 'pipe', 'inherit']
	});
	const gone = new Promise((done) => daemon.once('exit', done));
	// The password of the login collection; the daemon reads to the end of its input.
	daemon.stdin.end('\n');
	daemon.stdout.resume();
	// Before it has its name on the bus, asking for it would start another one, locked.
	await until('the key store', async () => {
		const ask = ['--session', '--print-reply', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus'];
		const { stdout } = await run('dbus-send', [...ask, 'org.freedesktop.DBus.NameHasOwner', 'string:org.freedesktop.secrets']);
		return stdout.includes('boolean true');
	});
	return { stop: () => stopping(daemon, gone) };
}

/** A session bus on which nothing can be started: no key store answers there. */
export async function startEmptyBus(folder) {
	const config = join(folder, 'empty-bus.conf');
	await writeFile(
		config,
		`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
	<type>session</type>
	<listen>unix:tmpdir=${folder}</listen>
	<policy context="default">
		<allow send_destination="*" eavesdrop="true"/>
		<allow eavesdrop="true"/>
		<allow own="*"/>
	</policy>
</busconfig>
`
	);
	const daemon = spawn('dbus-daemon', [`--config-file=${config}`, '--nofork', '--print-address'], {
		stdio: ['ignore', 'pipe', 'inherit']
	});
	const gone = new Promise((done) => daemon.once('exit', done));
	const lines = createInterface({ input: daemon.stdout });
	const address = await Promise.race([new Promise((done) => lines.once('line', done)), gone.then(() => null)]);
	if (!address) throw new Error('the empty bus did not start');
	return { address, stop: () => stopping(daemon, gone) };
}

async function stopping(daemon, gone) {
	daemon.kill('SIGTERM');
	await gone;
}
