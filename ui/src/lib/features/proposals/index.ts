export { default as ProposalsView } from './ProposalsView.svelte';
