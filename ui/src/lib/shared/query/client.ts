// Answers of commands are kept by what they are about; a change event makes those that watch it ask again.
import { notifyManager, QueryClient, type QueryKey } from '@tanstack/svelte-query';
import { tick } from 'svelte';
import { CommandFailed, type Topic } from '$lib/ipc';

/** What an answer depends on. `kind:*` is every kind of record. */
export type Watched = 'status' | 'office' | 'outbox' | 'imports' | `kind:${string}` | `record:${string}`;

declare module '@tanstack/svelte-query' {
	interface Register {
		defaultError: CommandFailed;
		queryMeta: { watched?: Watched[] };
	}
}

/** Everything is on this device: nothing grows stale by itself, nothing waits for a network, nothing is retried. */
export function newQueryClient(): QueryClient {
	return new QueryClient({
		defaultOptions: {
			queries: {
				networkMode: 'always',
				staleTime: Infinity,
				gcTime: 5 * 60_000,
				retry: false,
				refetchOnWindowFocus: false,
				refetchOnReconnect: false,
				structuralSharing: true
			},
			mutations: { networkMode: 'always', retry: false }
		}
	});
}

/** A question to the host with what its answer depends on; use as `createQuery(() => ask(…))`. */
export function ask<Answer>(key: QueryKey, run: () => Promise<Answer>, watched: Watched[]) {
	return { queryKey: key, queryFn: run, meta: { watched } };
}

/** Makes every answer that depends on one of the topics be asked for again; `null` stands for everything. */
export function forget(client: QueryClient, topics: Topic[] | null): void {
	if (topics === null) {
		void client.invalidateQueries();
		return;
	}
	const changed = new Set(topics.map(asWatched));
	const someKind = topics.some((topic) => typeof topic === 'object' && 'kind' in topic);
	void client.invalidateQueries({
		predicate: (query) => {
			const watched = query.meta?.watched ?? [];
			return watched.some((one) => changed.has(one) || (one === 'kind:*' && someKind));
		}
	});
}

/** Waits until the screen shows the answers there are: it is told of them a turn later. */
export async function shown(): Promise<void> {
	await new Promise<void>((done) => notifyManager.schedule(done));
	await tick();
}

function asWatched(topic: Topic): Watched {
	if (typeof topic === 'string') return topic;
	if ('kind' in topic) return `kind:${topic.kind}`;
	return `record:${topic.record}`;
}
