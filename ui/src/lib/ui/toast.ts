// Short messages at the edge of the screen; bulk and destructive actions carry Undo for ten seconds.
import { toast } from 'svelte-sonner';

/** Says that something was done; nothing to answer. */
export function say(text: string): void {
	toast(text, { duration: 4000 });
}

/** Says that something failed. */
export function sayFailed(text: string): void {
	toast.error(text, { duration: 8000 });
}

/** Says that something was done and offers to take it back. */
export function sayWithUndo(text: string, label: string, undo: () => void): void {
	toast(text, { duration: 10_000, action: { label, onClick: undo } });
}
