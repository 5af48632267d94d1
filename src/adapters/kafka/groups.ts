import type { Admin } from 'kafkajs';
import type { GroupInfo } from '../../ports/log.ts';
import { decodeAssignment } from './assignor.ts';
import { inOrder } from './places.ts';
import type { Namespace } from './namespace.ts';

/** The groups of the log, with what their live members hold. Errors are kafkajs's. */
export async function listGroups(admin: Admin, namespace: Namespace): Promise<GroupInfo[]> {
  const { groups: listed } = await admin.listGroups();
  const own = listed.filter(({ groupId }) => namespace.inner(groupId) !== undefined).map(({ groupId }) => groupId);
  if (own.length === 0) return [];
  const { groups } = await admin.describeGroups(own);
  return groups
    .filter(({ state, protocolType }) => state !== 'Dead' && (protocolType === 'consumer' || protocolType === ''))
    .map(({ groupId, members }) => ({
      group: namespace.inner(groupId) ?? groupId,
      members: members.map(({ memberId, memberAssignment }) => ({
        id: memberId,
        partitions: inOrder(namespace.innerPlaces(decodeAssignment(memberAssignment))),
      })),
    }));
}
