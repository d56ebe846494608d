export { default as WhyDialog } from './WhyDialog.svelte';
