export { default as RescueButton } from './RescueButton.svelte';
