import { CodeBlock } from '@/components/CodeBlock';
import { Notice } from '@/components/Notice';

import classes from './FirstProject.module.css';

const SCRIPT = `import foundations

foundations.log_param("learning_rate", 0.01)
foundations.log_metric("accuracy", 0.93)`;

const COMMANDS = `foundations init my-project
cd my-project
foundations submit scheduler . main.py`;

/** How to begin, for a server that has no project yet. */
export function FirstProject() {
  return (
    <Notice title="Track your first job">
      <p className={classes.text}>
        Put these three lines into any training script and run it as always. It appears here, in a project
        named after its folder.
      </p>
      <div className={classes.code}>
        <CodeBlock code={SCRIPT} label="Copy the lines" />
      </div>
      <p className={classes.text}>Or begin with a sample project, and let the scheduler run it:</p>
      <div className={classes.code}>
        <CodeBlock code={COMMANDS} label="Copy the commands" />
      </div>
    </Notice>
  );
}
