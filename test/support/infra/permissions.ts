import kafkajs, { type AclEntry } from 'kafkajs';
import { groupName, STAGES, topicNames } from '../../../src/app/spec.ts';
import { stageInputs } from '../../../src/app/lag.ts';
import { freePorts } from '../ports.ts';
import type { BrokerProcess } from '../kafka/broker.ts';
import { startBrokerProcess } from '../kafka/process.ts';
import { TINY_NAMES } from '../tiny.ts';
import { text } from './files.ts';

/** A broker that asks who a client is, and lets it do what ACLs allow. Clients of `brokers` may do anything. */
export interface GuardedBroker extends BrokerProcess {
  /** Where users log in by `plain`, in the clear; everybody's password is `PASSWORD`. */
  readonly guarded: string;
}

export const PASSWORD = 'secret';

/** Starts a broker that knows some users, who may do nothing yet. */
export async function startGuardedBroker(users: readonly string[]): Promise<GuardedBroker> {
  const [port = 0] = await freePorts(1);
  const logins = users.map((user) => `user_${user}="${PASSWORD}"`).join(' ');
  const broker = await startBrokerProcess(async () => ({
    ports: { SASL_PLAINTEXT: port },
    properties: {
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.sasl_plaintext.plain.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required ${logins};`,
    },
    credentials: [],
  }));
  return { ...broker, guarded: `127.0.0.1:${port}` };
}

/** What a row of the table of docs/operations.md allows. */
interface Allowed {
  operations: string[];
  /** By the names on the cluster. */
  topics: string[];
  groups: string[];
}

/** The table "Permissions on Kafka" of docs/operations.md: by who it is, what may be done, for the tiny pipeline. */
export async function permissions(): Promise<Map<string, Allowed[]>> {
  const [, section = ''] = /## Permissions on Kafka\n([\s\S]*?)\n## /.exec(await text('docs', 'operations.md')) ?? [];
  const rows = [...section.matchAll(/^\| (.+?) \| (.*?) ?\| (.*?) ?\|$/gm)].slice(1);
  return new Map(
    rows.map(([, who = '', topics = '', groups = '']) => [who, [...onTopics(topics), ...onGroups(groups, who)]]),
  );
}

const OPERATIONS = /\b(?:Describe|DescribeConfigs|Read|Write|Create|Alter|AlterConfigs)\b/g;

function parts(cell: string): { part: string; operations: string[] }[] {
  return cell.split(';').map((part) => ({ part, operations: part.match(OPERATIONS) ?? [] }));
}

function onTopics(cell: string): Allowed[] {
  return parts(cell).map(({ part, operations }) => ({ operations, topics: topicsIn(part), groups: [] }));
}

function topicsIn(part: string): string[] {
  const names: string[] = Object.values(topicNames(TINY_NAMES));
  // The row that says this speaks of topics in general.
  if (/all seven|besides: Create|with `--grow`/.test(part)) return names;
  if (part.includes('what stages read')) return STAGES.flatMap((stage) => stageInputs(TINY_NAMES, stage));
  if (part.includes('what the stage reads')) return [...stageInputs(TINY_NAMES, 'score')];
  if (part.includes('where the records came from')) return [topicNames(TINY_NAMES).images];
  const last = [...part.matchAll(/`([a-z.-]+)`/g)].map(([, name = '']) => name);
  return last.map((name) => names.find((full) => [`tiny.${name}`, `tiny.tiny-1.${name}`].includes(full)) ?? name);
}

function onGroups(cell: string, who: string): Allowed[] {
  return parts(cell).map(({ part, operations }) => ({ operations, topics: [], groups: groupsIn(part, who) }));
}

function groupsIn(part: string, who: string): string[] {
  if (part.includes('all three')) return STAGES.map((stage) => groupName(TINY_NAMES, stage));
  if (part.includes('their own')) return ['mine'];
  const stage = STAGES.find((name) => name === who);
  if (part.includes('its own') && stage) return [groupName(TINY_NAMES, stage)];
  return part === '' ? [] : [groupName(TINY_NAMES, 'score')];
}

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

const BY_NAME: Readonly<Record<string, number>> = {
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Create: AclOperationTypes.CREATE,
  Alter: AclOperationTypes.ALTER,
  AlterConfigs: AclOperationTypes.ALTER_CONFIGS,
};

/** The ACLs that allow a user what the table says. */
export function acls(user: string, allowed: readonly Allowed[]): AclEntry[] {
  return allowed.flatMap(({ operations, topics, groups }) => {
    const resources = [
      ...topics.map((resourceName) => ({ resourceType: AclResourceTypes.TOPIC, resourceName })),
      ...groups.map((resourceName) => ({ resourceType: AclResourceTypes.GROUP, resourceName })),
    ];
    return resources.flatMap((resource) =>
      operations.map((operation) => ({
        ...resource,
        operation: BY_NAME[operation] ?? AclOperationTypes.UNKNOWN,
        principal: `User:${user}`,
        host: '*',
        permissionType: AclPermissionTypes.ALLOW,
        resourcePatternType: ResourcePatternTypes.LITERAL,
      })),
    );
  });
}
