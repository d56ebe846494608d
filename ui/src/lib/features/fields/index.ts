export { default as FieldsView } from './FieldsView.svelte';
