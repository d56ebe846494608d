// A long list of which only the part around the screen is held. The rest is asked for while one scrolls.
import { createQuery, type QueryKey } from '@tanstack/svelte-query';
import type { Watched } from '$lib/shared/query';

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

	/** `ask` makes the question for a part of the list; what it reads of state makes the list anew. */
	constructor(ask: (offset: number, limit: number) => Question<Row>) {
		this.#query = createQuery(() => {
			const offset = this.#from;
			const question = ask(offset, page * 3);
			return {
				...question,
				queryFn: async () => ({ offset, ...(await question.queryFn()) }),
				// What was there stays on the screen until the answer comes: no blank between two letters typed.
				placeholderData: <Answer>(before: Answer) => before
			};
		});
	}

	/** How many rows there are; `null` until the first answer. */
	get total(): number | null {
		return this.#query.data?.total ?? null;
	}

	/** Why there is no answer. */
	get error() {
		return this.#query.error;
	}

	/** The row at a place, or `undefined` while it is on its way. */
	at(index: number): Row | undefined {
		const data = this.#query.data;
		return data?.rows[index - data.offset];
	}

	/** Tells which rows are on the screen. */
	show(first: number): void {
		const from = Math.max(0, (Math.floor(first / page) - 1) * page);
		if (from !== this.#from) this.#from = from;
	}

	/** Asks again. */
	again(): void {
		void this.#query.refetch();
	}
}
