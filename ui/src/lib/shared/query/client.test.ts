import { expect, it } from 'vitest';
import type { Topic } from '$lib/ipc';
import { ask, forget, newQueryClient, type Watched } from './client';

async function staleAfter(watched: Watched[], topics: Topic[] | null): Promise<boolean> {
	const client = newQueryClient();
	const question = ask(['q'], () => Promise.resolve(1), watched);
	await client.fetchQuery(question);
	forget(client, topics);
	return client.getQueryState(['q'])?.isInvalidated ?? false;
}

it.each<[Watched[], Topic[] | null, boolean]>([
	[['kind:client'], [{ kind: 'client' }], true],
	[['kind:client'], [{ kind: 'person' }], false],
	[['kind:*'], [{ kind: 'person' }], true],
	[['kind:*'], ['office'], false],
	[['record:a'], [{ record: 'a' }, 'status'], true],
	[['record:a'], [{ record: 'b' }], false],
	[['outbox'], null, true],
	[[], ['status', 'office', 'outbox'], false]
])('an answer that watches %j after %j is asked for again: %s', async (watched, topics, stale) => {
	expect(await staleAfter(watched, topics)).toBe(stale);
});
