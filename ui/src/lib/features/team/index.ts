export { default as TeamOrdersView } from './TeamOrdersView.svelte';
export { default as TeamView } from './TeamView.svelte';
