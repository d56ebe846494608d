export { useSayDone, useUndo } from './undo.svelte';
