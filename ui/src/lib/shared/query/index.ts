export { ask, forget, newQueryClient, type Watched } from './client';
