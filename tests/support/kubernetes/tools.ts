/** Parts of the names of tests that are left out, and charts as objects where helm is installed. */
import { spawnSync } from 'node:child_process';
import { hasKustomize, type KubeObject, objectsIn, outputOf } from '../../../deploy/k8s/render.ts';

export const hasHelm = spawnSync('helm', ['version']).status === 0;
export const NEEDS_KUSTOMIZE = hasKustomize
  ? ''
  : ' (left out: there is neither kubectl nor kustomize on this machine)';
export const NEEDS_HELM = hasHelm ? '' : ' (left out: there is no helm on this machine)';

/** @throws with what helm says. */
export function renderChart(chart: string, ...options: string[]): KubeObject[] {
  return objectsIn(outputOf('helm', ['template', 'messagecore', chart, ...options]));
}
