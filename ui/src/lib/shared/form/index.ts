// Forms made from declarations.
export { default as NewRecordDialog } from './NewRecordDialog.svelte';
