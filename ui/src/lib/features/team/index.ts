export { default as TeamAbsencesView } from './TeamAbsencesView.svelte';
export { default as TeamDetailsView } from './TeamDetailsView.svelte';
export { default as TeamOrdersView } from './TeamOrdersView.svelte';
export { default as TeamView } from './TeamView.svelte';
