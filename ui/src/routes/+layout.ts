// A static single-page app: everything is rendered on the device.
export const ssr = false;
export const prerender = false;
