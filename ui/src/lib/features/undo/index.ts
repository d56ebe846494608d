export { default as UndoKey } from './UndoKey.svelte';
