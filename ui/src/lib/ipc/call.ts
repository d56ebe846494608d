// The one door to the product's commands: through the window where there is one, over loopback otherwise.
import { invoke, isTauri } from '@tauri-apps/api/core';

/** What a command answers when it fails: `code` has words, `kind` says who can mend it. */
export interface FailureBody {
	code: string;
	kind: string;
	params: Record<string, string>;
	fields: Record<string, unknown>;
}

/** Thrown by every command that fails. */
export class CommandFailed extends Error {
	readonly failure: FailureBody;

	constructor(failure: FailureBody) {
		super(failure.code);
		this.name = 'CommandFailed';
		this.failure = failure;
	}
}

/** Runs a command of the host. */
export async function call<Result>(command: string, argument: unknown): Promise<Result> {
	if (isTauri()) {
		try {
			return await invoke<Result>('ipc', { command, argument });
		} catch (cause) {
			throw new CommandFailed(asFailure(cause));
		}
	}
	let response: Response;
	try {
		response = await fetch(`/ipc/${command}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			credentials: 'same-origin',
			body: JSON.stringify(argument)
		});
	} catch {
		throw new CommandFailed(failure('host_gone', 'quiet'));
	}
	const body: unknown = await response.json().catch(() => null);
	if (!response.ok) {
		const unauthorised = response.status === 401 || response.status === 403;
		throw new CommandFailed(unauthorised && !isFailure(body) ? failure('host_denied', 'fix') : asFailure(body));
	}
	return body as Result;
}

function asFailure(cause: unknown): FailureBody {
	if (isFailure(cause)) return cause;
	if (typeof cause === 'string') {
		try {
			const parsed: unknown = JSON.parse(cause);
			if (isFailure(parsed)) return parsed;
		} catch {
			// Not JSON: the host itself failed.
		}
	}
	return failure('internal', 'bug');
}

function isFailure(value: unknown): value is FailureBody {
	return typeof value === 'object' && value !== null && typeof (value as FailureBody).code === 'string';
}

function failure(code: string, kind: string): FailureBody {
	return { code, kind, params: {}, fields: {} };
}
