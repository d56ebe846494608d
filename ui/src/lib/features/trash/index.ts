export { default as TrashView } from './TrashView.svelte';
