// A long list of which only the part around the screen is held. The rest is asked for while one scrolls.
import { createQuery, type QueryKey } from '@tanstack/svelte-query';
import type { Watched } from '$lib/shared/query';
import { Lines } from './lines';

const page = 100;

interface Question<Row> {
	queryKey: QueryKey;
	queryFn: () => Promise<{ total: number; rows: Row[] }>;
	meta: { watched: Watched[] };
}

/** Rows by their place in the whole list. Create it while a component is being set up. */
export class RowWindow<Row> {
	#from = $state(0);
	#query;

	/**
	 * `ask` makes the question for a part of the list; what it reads of state makes the list anew. `lines` says what
	 * stands on the screen where that is not simply row after row, `ready` when there is enough known to ask at all.
	 */
	constructor(
		ask: (offset: number, limit: number) => Question<Row>,
		lines: () => Lines | null = () => null,
		ready: () => boolean = () => true
	) {
		this.#query = createQuery(() => {
			const folded = lines();
			const parts = folded === null ? [{ offset: this.#from, n: page * 3 }] : folded.parts(this.#from, page * 3);
			// Where everything is folded, the total is still wanted.
			const questions = (parts.length > 0 ? parts : [{ offset: 0, n: 1 }]).map(({ offset, n }) => ({
				offset,
				question: ask(offset, n)
			}));
			return {
				queryKey: ['window', ...questions.map(({ question }) => question.queryKey)],
				meta: questions[0]!.question.meta,
				enabled: ready(),
				queryFn: () =>
					Promise.all(questions.map(async ({ offset, question }) => ({ offset, ...(await question.queryFn()) }))),
				// What was there stays on the screen until the answer comes: no blank between two letters typed.
				placeholderData: <Answer>(before: Answer) => before
			};
		});
	}

	/** How many rows there are; `null` until the first answer. */
	get total(): number | null {
		return this.#query.data?.[0]?.total ?? null;
	}

	/** Why there is no answer. */
	get error() {
		return this.#query.error;
	}

	/** The row at a place, or `undefined` while it is on its way. */
	at(index: number): Row | undefined {
		for (const part of this.#query.data ?? []) {
			const row = part.rows[index - part.offset];
			if (row !== undefined) return row;
		}
		return undefined;
	}

	/** Tells which line is the first on the screen. */
	show(first: number): void {
		const from = Math.max(0, (Math.floor(first / page) - 1) * page);
		if (from !== this.#from) this.#from = from;
	}

	/** Asks again. */
	again(): void {
		void this.#query.refetch();
	}
}
