export { default as HelpView } from './HelpView.svelte';
