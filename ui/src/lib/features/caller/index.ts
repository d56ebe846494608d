export { default as CallerView } from './CallerView.svelte';
