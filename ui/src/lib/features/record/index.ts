export { default as RecordView } from './RecordView.svelte';
