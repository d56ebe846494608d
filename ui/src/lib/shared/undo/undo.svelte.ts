// Taking actions back, from a key, a button or a toast, with a word on what became of it.
import { goto } from '$app/navigation';
import { m } from '$lib/i18n';
import { words } from '$lib/shared/failure';
import { useShell } from '$lib/shared/frame';
import { declarationsQuery } from '$lib/shared/record';
import { say, sayFailed, sayWithUndo } from '$lib/ui';
import { takeBack } from './queries';
import { undoneWords } from './words';

/**
 * The function that takes the last action back, or those it is given; call it while a component is made. What it
 * answers may be used after that is gone.
 */
export function useUndo(): (actions?: number[], then?: () => void) => void {
	const shell = useShell();
	const declarations = declarationsQuery();
	let busy = false;
	async function run(actions: number[] | undefined, then: (() => void) | undefined) {
		busy = true;
		try {
			const undone = await takeBack(actions);
			const said = undoneWords(undone, declarations.data).join('. ');
			if (undone.what === 'order') {
				sayWithUndo(said, m.undo_order_open(), () => void goto(shell.supervises ? '/team/orders' : '/sync'));
			} else say(said);
			then?.();
		} catch (cause) {
			sayFailed(words(cause));
		} finally {
			busy = false;
		}
	}
	return (actions, then) => {
		if (!busy && actions?.length !== 0) void run(actions, then);
	};
}

/** The same for a toast: says what was done and offers to take just that back, as Ctrl Z does. */
export function useSayDone(): (text: string, done: Done, then?: () => void) => void {
	const undo = useUndo();
	return (text, done, then) => sayWithUndo(text, m.common_undo(), () => undo(actionsOf(done), then));
}

/** What a write answers. */
type Done = { action: number | null } | { actions: number[] };

function actionsOf(done: Done): number[] {
	if ('actions' in done) return done.actions;
	return done.action === null ? [] : [done.action];
}
