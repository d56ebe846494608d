// Taking the last action back, from a key or a button, with a word on what became of it.
import { goto } from '$app/navigation';
import { m } from '$lib/i18n';
import { words } from '$lib/shared/failure';
import { useShell } from '$lib/shared/frame';
import { declarationsQuery } from '$lib/shared/record';
import { say, sayFailed, sayWithUndo } from '$lib/ui';
import { undoLast } from './queries';
import { undoneWords } from './words';

/** The function that takes the last action back; call it while a component is made. */
export function useUndo(): () => void {
	const shell = useShell();
	const declarations = declarationsQuery();
	const undo = undoLast();
	return () => {
		if (undo.isPending) return;
		undo.mutate(undefined, {
			onSuccess: (undone) => {
				const said = undoneWords(undone, declarations.data).join('. ');
				if (undone.what === 'order') {
					sayWithUndo(said, m.undo_order_open(), () => void goto(shell.supervises ? '/team/orders' : '/sync'));
				} else say(said);
			},
			onError: (cause) => sayFailed(words(cause))
		});
	};
}
