import { Hint } from '@/components/Hint';
import { Section } from '@/components/Section';

import { Answer } from './Answer';
import { useNodes } from './api/getNodes';
import { MachineList } from './MachineList';

/** The machines that run jobs. */
export function MachineSection({ projects }: { projects: ReadonlyMap<string, string> }) {
  return (
    <Section title="Machines">
      <Answer query={useNodes()} what="the machines">
        {(nodes) =>
          nodes.length === 0 ? (
            <Hint>
              No machine runs jobs now. <code>atlas-server status</code> says what is missing.
            </Hint>
          ) : (
            <MachineList nodes={nodes} projects={projects} />
          )
        }
      </Answer>
    </Section>
  );
}
