export { useUndo } from './undo.svelte';
export { default as UndoKey } from './UndoKey.svelte';
