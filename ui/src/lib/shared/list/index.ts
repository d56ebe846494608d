export { moveFocus } from './keys';
export { default as RecordTable } from './RecordTable.svelte';
export { RowWindow } from './window.svelte';
